package io.shardex.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicaConfig.Start;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that lost its folder comes back under another id. */
class ReplacementTest {
  @TempDir Path folder;

  @Test
  void aReplacedPeerCatchesUpFromTheLogAndCountsForTheMajority() throws Exception {
    try (Group group = Group.found(folder, Group::calm)) {
      List<String> texts = new ArrayList<>(group.proposeMany("a", "before", 5));
      group.awaitEqual(5);
      String lost = group.follower();
      lose(group, lost);
      texts.addAll(group.proposeMany(group.leader(), "without", 5));

      replace(group, lost, lost + ".1");
      group.awaitEqual(10);
      String other = group.follower().equals(lost + ".1") ? group.leader() : group.follower();
      group.stop(other);
      group.propose(lost + ".1", "majority of two");
      texts.add("majority of two");

      group.awaitEqual(11);
      assertEquals(texts, group.journal(lost + ".1").texts());
      group.recover(other);
      group.awaitEqual(11);
    }
  }

  @Test
  void aReplacedPeerIsGivenTheSnapshotWhereTheLogIsPurged() throws Exception {
    try (Group group = Group.found(folder, Group::forgetful)) {
      String lost = group.follower();
      List<String> texts = new ArrayList<>(group.proposeMany(group.leader(), "before", 30));
      lose(group, lost);
      for (int burst = 0; group.replica(group.leader()).status().snapshotIndex() < 60; burst++) {
        assertTrue(burst < 20, "no snapshot comes");
        texts.addAll(group.proposeMany(group.leader(), "burst-" + burst, 25));
      }

      replace(group, lost, lost + ".1");
      group.awaitEqual(texts.size());

      assertFalse(group.heard(lost + ".1").resyncs.isEmpty());
      restartAll(group, lost + ".1");
      group.propose(lost + ".1", "after");
      group.awaitEqual(texts.size() + 1);
    }
  }

  @Test
  void afterARestartOfAllTheGroupIsTheNewOneAndMayBeChangedAgain() throws Exception {
    try (Group group = Group.found(folder, Group::calm)) {
      group.propose("a", "one");
      lose(group, "b");
      replace(group, "b", "b.1");
      group.propose("b.1", "two");
      group.awaitEqual(2);

      restartAll(group, "b.1");
      group.propose("b.1", "three");
      group.awaitEqual(3);
      assertEquals(Set.of("a", "b.1", "c"), group.membership().peers().keySet());

      lose(group, "b.1");
      replace(group, "b.1", "b.2");
      group.propose("b.2", "four");
      group.awaitEqual(4);
      assertEquals(Set.of("a", "b.2", "c"), group.membership().peers().keySet());
      assertTrue(group.replica("b.2").isMember());
    }
  }

  @Test
  void anInterruptedReplacementIsFinishedByDoingItAgain() throws Exception {
    try (Group group = Group.found(folder, Group::calm)) {
      group.propose("a", "one");
      lose(group, "c");
      group.membership().remove("c");
      group.membership().remove("c");
      String address = group.inPlaceOf("c", "c.1");
      group.start("c.1", Start.JOIN, new Journal());
      group.stop("c.1"); // before it was added

      group.start("c.1", Start.JOIN, new Journal());
      assertFalse(group.replica("c.1").isMember());
      group.membership().add("c.1", address);
      group.membership().add("c.1", address);

      group.awaitEqual(1);
      Group.await("its membership", () -> group.replica("c.1").isMember());
    }
  }

  @Test
  void aRemovedPeerDoesNotDisturbTheGroup() throws Exception {
    try (Group group = Group.found(folder, Group::calm)) {
      group.propose("a", "one");
      group.awaitEqual(1);
      String old = group.follower();
      group.stop(old);
      group.membership().remove(old);
      long term = group.replica(group.leader()).leadership().term();

      group.recover(old); // with its folder, as if it had been moved back
      Thread.sleep(6_000); // longer than any election time-out
      String leader = group.leader();

      assertFalse(leader.equals(old));
      assertEquals(term, group.replica(leader).leadership().term());
      assertFalse(group.membership().peers().containsKey(old));
    }
  }

  @Test
  void withoutAMajorityNothingIsChangedAndItIsSaid() throws Exception {
    Membership nobody =
        new Membership(
            UUID.randomUUID(),
            Map.of("a", "127.0.0.1:1", "b", "127.0.0.1:2"),
            Optional.empty(),
            Duration.ofSeconds(1));

    IOException refused = assertThrows(IOException.class, () -> nobody.remove("c"));

    assertTrue(refused.toString().contains("127.0.0.1:1"), refused::toString);
  }

  @Test
  void theVoteIsNotedOnceThereIsALogThoughThePortIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path storage = folder.resolve("one");
      UUID id = UUID.randomUUID();
      ReplicaConfig config =
          ReplicaConfig.of(
              "a",
              id,
              Map.of("a", "127.0.0.1:" + taken.getLocalPort()),
              new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()),
              storage,
              Start.FOUND);
      List<Boolean> held = new ArrayList<>();

      assertThrows(
          IOException.class,
          () ->
              Replica.start(
                  config,
                  new Journal(),
                  new ReplicaListener() {
                    @Override
                    public void beforeVoting() {
                      held.add(Replica.holdsLog(storage, id));
                    }
                  }));

      assertFalse(held.contains(false));
      assertEquals(!held.isEmpty(), Replica.holdsLog(storage, id));
    }
  }

  private void lose(Group group, String node) throws IOException {
    group.stop(node);
    try (Stream<Path> files = Files.walk(group.config(node, Start.RECOVER).storage())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void replace(Group group, String old, String newcomer) throws Exception {
    group.membership().remove(old);
    String address = group.inPlaceOf(old, newcomer);
    group.start(newcomer, Start.JOIN, new Journal());
    group.membership().add(newcomer, address);
  }

  /** The founders come back with the list of founders, as they are told at every start. */
  private static void restartAll(Group group, String joined) throws IOException {
    Set<String> founders = new TreeSet<>(Group.NODES);
    founders.remove(joined.substring(0, 1));
    founders.forEach(group::stop);
    group.stop(joined);
    group.start(joined, Start.JOIN, new Journal());
    for (String founder : founders) {
      group.recover(founder);
    }
  }
}
