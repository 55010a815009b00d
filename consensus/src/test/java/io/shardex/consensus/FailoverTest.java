package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverTest {
  @TempDir Path folder;

  @Test
  void whenTheLeaderFallsAnotherLeadsAndEachEntryIsThereOnce() {
    try (Group group = Group.found(folder, FailoverTest::quick)) {
      String fallen = group.leader();
      Replica witness = group.replica(group.follower());
      long term = group.replica(fallen).leadership().term();
      witness.propose("before".getBytes(UTF_8)).join();

      List<CompletableFuture<Applied>> inFlight =
          IntStream.range(0, 200)
              .mapToObj(i -> witness.propose(("entry-" + i).getBytes(UTF_8)))
              .toList();
      Group.await(
          "an answer in the midst of the burst", () -> inFlight.stream().anyMatch(f -> f.isDone()));
      group.stop(fallen);

      Set<Long> acknowledged =
          inFlight.stream().map(f -> f.join().index()).collect(Collectors.toSet());
      group.awaitEqual(201);
      assertNotEquals(fallen, group.leader());
      assertTrue(witness.leadership().term() > term);
      List<Journal.Line> lines = group.journal(group.leader()).lines();
      assertEquals(201, Set.copyOf(lines.stream().map(Journal.Line::text).toList()).size());
      assertTrue(
          lines.stream()
              .map(Journal.Line::index)
              .collect(Collectors.toSet())
              .containsAll(acknowledged));
      List<Leadership> heard = group.heard(group.leader()).leaderships;
      assertTrue(heard.stream().anyMatch(Leadership::leading), heard::toString);
    }
  }

  @Test
  void withoutAMajorityAProposalSaysThatItsOutcomeIsUnknown() {
    try (Group group =
        Group.found(folder, c -> quick(c).withProposals(Duration.ofSeconds(4), 4_096, 256))) {
      String leader = group.leader();
      group.propose(leader, "with");
      Group.NODES.stream().filter(n -> !n.equals(leader)).forEach(group::stop);

      ProposalException.Reason reason =
          ReplicationTest.reason(group.replica(leader).propose("without".getBytes(UTF_8)));

      assertEquals(ProposalException.Reason.TIMED_OUT, reason);
      assertTrue(reason.outcomeUnknown());
      assertEquals(List.of("with"), group.journal(leader).texts());
    }
  }

  private static ReplicaConfig quick(ReplicaConfig config) {
    return Group.calm(config).withElection(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }
}
