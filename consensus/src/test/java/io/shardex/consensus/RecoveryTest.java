package io.shardex.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicaConfig.Start;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  @TempDir Path folder;
  private Group group;

  @BeforeEach
  void found() {
    group = Group.found(folder, Group::forgetful);
  }

  @AfterEach
  void close() {
    group.close();
  }

  @Test
  void aRestartReadsTheSnapshotAndReplaysTheTail() throws IOException {
    List<String> texts = proposeUntilSnapshotEverywhere("entry");
    List<Journal.Line> before = group.journal("a").lines();
    Group.NODES.forEach(group::stop);

    Remembering restarted = new Remembering();
    group.start("a", Start.RECOVER, restarted);
    group.recover("b");
    group.recover("c");
    group.propose("a", "after");
    group.awaitEqual(texts.size() + 1);

    assertEquals(before, restarted.lines().subList(0, texts.size()));
    assertTrue(restarted.restoredTo > 0);
    assertTrue(restarted.firstApplied > restarted.restoredTo);
  }

  @Test
  void aFollowerThatWasAwayTooLongGetsTheSnapshotAndIsToldSo() throws IOException {
    group.propose("a", "before");
    group.awaitEqual(1);
    String away = group.follower();
    String leader = group.leader();
    group.stop(away);
    List<String> texts = new ArrayList<>(List.of("before"));
    for (int burst = 0; firstLogIndex(leader) <= 10; burst++) {
      assertTrue(burst < 50, "the log is never purged");
      texts.addAll(group.proposeMany(leader, "burst-" + burst, 25));
    }

    Remembering returned = new Remembering();
    group.start(away, Start.RECOVER, returned);
    texts.add("after");
    group.propose(away, "after");
    group.awaitEqual(texts.size());

    assertEquals(texts, returned.texts());
    Group.await("the news of it", () -> !group.heard(away).resyncs.isEmpty());
    assertEquals(List.of(returned.restoredTo), group.heard(away).resyncs);
  }

  @Test
  void oldSnapshotsAreDeletedAndEachHasItsDigest() throws IOException {
    for (int burst = 0; burst < 8; burst++) {
      group.proposeMany("a", "burst-" + burst, 25);
    }
    proposeUntilSnapshotEverywhere("more");
    Group.NODES.forEach(group::stop);

    for (String node : Group.NODES) {
      List<Path> snapshots = snapshots(node, "");
      assertTrue(snapshots.size() >= 1 && snapshots.size() <= 3, snapshots::toString);
      assertEquals(snapshots.size(), snapshots(node, "\\.md5").size());
    }
  }

  @Test
  void aDamagedSnapshotOrOneWithoutItsDigestStopsTheStartByName() throws IOException {
    proposeUntilSnapshotEverywhere("entry");
    group.stop("b");
    for (Path snapshot : snapshots("b", "")) {
      byte[] bytes = Files.readAllBytes(snapshot);
      bytes[bytes.length / 2] ^= 1;
      Files.write(snapshot, bytes);
    }

    IOException damaged = assertThrows(IOException.class, () -> group.recover("b"));
    for (Path digest : snapshots("b", "\\.md5")) {
      Files.delete(digest);
    }
    IOException alone = assertThrows(IOException.class, () -> group.recover("b"));

    assertTrue(damaged.toString().contains("is damaged"), damaged::toString);
    assertTrue(alone.toString().contains("has no .md5 beside it"), alone::toString);
  }

  @Test
  void aFolderMustFitTheKindOfStart() {
    group.propose("a", "one");
    group.stop("b");
    ReplicaConfig founding = group.config("b", Start.FOUND);
    Path empty = folder.resolve("empty");

    assertThrows(IOException.class, () -> group.start("b", Start.FOUND, new Journal()));
    assertTrue(Replica.holdsLog(founding.storage(), founding.group()));
    assertFalse(Replica.holdsLog(empty, founding.group()));
    assertThrows(
        IOException.class,
        () ->
            Replica.start(
                ReplicaConfig.of(
                    "b", founding.group(), founding.peers(), founding.bind(), empty, Start.RECOVER),
                new Journal(),
                new ReplicaListener() {}));
  }

  /** Snapshots are written behind the entries, so entries go on until each node has one. */
  private List<String> proposeUntilSnapshotEverywhere(String name) {
    int already = group.journal(group.leader()).lines().size();
    List<String> texts = new ArrayList<>();
    for (int burst = 0;
        Group.NODES.stream().anyMatch(n -> group.replica(n).status().snapshotIndex() == 0);
        burst++) {
      assertTrue(burst < 50, "no snapshot comes");
      texts.addAll(group.proposeMany("a", name + "-" + burst, 25));
      group.awaitEqual(already + texts.size());
    }
    return texts;
  }

  private long firstLogIndex(String node) throws IOException {
    try (Stream<Path> files = Files.walk(group.config(node, Start.RECOVER).storage())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("log_(inprogress_)?\\d+.*"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("log_(inprogress_)?(\\d+).*", "$2")))
          .min()
          .orElse(0);
    }
  }

  private List<Path> snapshots(String node, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(group.config(node, Start.RECOVER).storage())) {
      return files
          .filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+" + ending))
          .toList();
    }
  }

  /** Remembers where its last snapshot ended and what it applied first after that. */
  private static final class Remembering extends Journal {
    volatile long restoredTo;
    volatile long firstApplied;

    @Override
    public byte[] apply(long index, byte[] entry) {
      if (firstApplied == 0) {
        firstApplied = index;
      }
      return super.apply(index, entry);
    }

    @Override
    public void restore(long index, InputStream snapshot) throws IOException {
      restoredTo = index;
      firstApplied = 0;
      super.restore(index, snapshot);
    }
  }
}
