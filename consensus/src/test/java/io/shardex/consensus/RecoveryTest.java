package io.shardex.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicaConfig.Start;
import io.shardex.consensus.ReplicatedMachine.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.ratis.util.MD5FileUtil;
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
    assertEquals(List.of(Origin.OWN), restarted.origins);
  }

  @Test
  void aFollowerThatWasAwayTooLongGetsTheSnapshotAndIsToldSo() throws IOException {
    String away = group.follower();
    List<String> texts = leaveBehind(away);

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
  void theLeadersSnapshotIsAPeersAlsoAfterARestartUntilThisReplicaWroteItsOwn() throws IOException {
    String away = group.follower();
    List<String> texts = leaveBehind(away);

    Remembering installed = new Remembering(false);
    group.start(away, Start.RECOVER, installed);
    group.awaitEqual(texts.size());
    group.stop(away);
    Remembering again = new Remembering(false);
    group.start(away, Start.RECOVER, again);
    group.awaitEqual(texts.size());
    group.stop(away);
    Remembering writing = new Remembering();
    group.start(away, Start.RECOVER, writing);
    for (int burst = 0; snapshotIndex(away) <= installed.restoredTo; burst++) {
      assertTrue(burst < 50, "no snapshot comes");
      texts.addAll(group.proposeMany(away, "more-" + burst, 25));
      group.awaitEqual(texts.size());
    }
    group.stop(away);
    Remembering last = new Remembering();
    group.start(away, Start.RECOVER, last);
    group.awaitEqual(texts.size());

    assertEquals(List.of(Origin.PEER), installed.origins);
    assertEquals(List.of(Origin.PEER), again.origins);
    assertEquals(List.of(Origin.PEER), writing.origins);
    assertEquals(installed.restoredTo, writing.restoredTo);
    assertEquals(List.of(Origin.OWN), last.origins);
    assertTrue(last.restoredTo > installed.restoredTo);
  }

  @Test
  void aSnapshotWithOtherBytesThanThisReplicaWroteIsAPeers() throws IOException {
    proposeUntilSnapshotEverywhere("entry");
    group.stop("b");
    for (Path snapshot : snapshots("b", "")) {
      byte[] bytes = Files.readAllBytes(snapshot);
      bytes[bytes.length - 1] ^= 1; // the last letter of its last text
      Files.write(snapshot, bytes);
      MD5FileUtil.saveMD5File(snapshot.toFile(), MD5FileUtil.computeMd5ForFile(snapshot.toFile()));
    }

    Remembering restarted = new Remembering();
    group.start("b", Start.RECOVER, restarted);

    assertEquals(List.of(Origin.PEER), restarted.origins);
  }

  @Test
  void oldSnapshotsAreDeletedWithTheirMarksAndEachHasItsDigest() throws IOException {
    for (int burst = 0; burst < 8; burst++) {
      group.proposeMany("a", "burst-" + burst, 25);
    }
    proposeUntilSnapshotEverywhere("more");
    Group.NODES.forEach(group::stop);

    for (String node : Group.NODES) {
      List<Path> snapshots = snapshots(node, "");
      assertTrue(snapshots.size() >= 1 && snapshots.size() <= 3, snapshots::toString);
      assertEquals(snapshots.size(), snapshots(node, "\\.md5").size());
      assertEquals(snapshots.size(), snapshots(node, "\\.sha256").size());
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
    for (int burst = 0; Group.NODES.stream().anyMatch(n -> snapshotIndex(n) == 0); burst++) {
      assertTrue(burst < 50, "no snapshot comes");
      texts.addAll(group.proposeMany("a", name + "-" + burst, 25));
      group.awaitEqual(already + texts.size());
    }
    return texts;
  }

  /** Stops a follower and goes on without it until the log that it would need is purged. */
  private List<String> leaveBehind(String away) throws IOException {
    String leader = group.leader();
    List<String> texts = new ArrayList<>(List.of("before"));
    group.propose(leader, "before");
    group.awaitEqual(1);
    group.stop(away);
    for (int burst = 0; firstLogIndex(leader) <= 10; burst++) {
      assertTrue(burst < 50, "the log is never purged");
      texts.addAll(group.proposeMany(leader, "burst-" + burst, 25));
    }
    return texts;
  }

  private long snapshotIndex(String node) {
    return group.replica(node).status().snapshotIndex();
  }

  private long firstLogIndex(String node) throws IOException {
    ReplicaConfig config = group.config(node, Start.RECOVER);
    Path log = config.storage().resolve(config.group().toString()).resolve("current");
    try (Stream<Path> files = Files.list(log)) {
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

  /**
   * Remembers whose snapshots it got, where the last one ended and what it applied first after
   * that.
   */
  private static final class Remembering extends Journal {
    final List<Origin> origins = new CopyOnWriteArrayList<>();
    volatile long restoredTo;
    volatile long firstApplied;
    private final boolean writesSnapshots;

    Remembering() {
      this(true);
    }

    Remembering(boolean writesSnapshots) {
      this.writesSnapshots = writesSnapshots;
    }

    @Override
    public Snapshot capture() {
      if (writesSnapshots) {
        return super.capture();
      }
      return out -> {
        throw new IOException("as the test says");
      };
    }

    @Override
    public byte[] apply(long index, byte[] entry) {
      if (firstApplied == 0) {
        firstApplied = index;
      }
      return super.apply(index, entry);
    }

    @Override
    public void restore(long index, InputStream snapshot, Origin origin) throws IOException {
      restoredTo = index;
      origins.add(origin);
      firstApplied = 0;
      super.restore(index, snapshot, origin);
    }
  }
}
