package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationTest {
  @TempDir Path folder;
  private Group group;

  @BeforeEach
  void found() {
    group = Group.found(folder, Group::calm);
  }

  @AfterEach
  void close() {
    group.close();
  }

  @Test
  void allReplicasApplyTheSameEntriesAtTheSameIndices() {
    String leader = group.leader();
    List<CompletableFuture<Applied>> proposals =
        IntStream.range(0, 100)
            .mapToObj(i -> group.replica(leader).propose(("entry-" + i).getBytes(UTF_8)))
            .toList();

    List<Long> indices = proposals.stream().map(p -> p.join().index()).toList();
    group.awaitEqual(100);

    List<Journal.Line> lines = group.journal("a").lines();
    assertEquals(
        lines.stream().map(Journal.Line::index).toList(), indices.stream().sorted().toList());
    assertEquals(100, indices.stream().distinct().count());
  }

  @Test
  void aProposalOnAFollowerReachesTheLeaderAndComesBackWithItsReply() {
    Applied first = group.propose(group.follower(), "one");
    Applied second = group.propose(group.follower(), "two");

    assertEquals("1", new String(first.reply(), UTF_8));
    assertEquals("2", new String(second.reply(), UTF_8));
    assertTrue(first.index() < second.index());
  }

  @Test
  void followersApplyAnEntryAtOnceThoughNoneFollowsIt() {
    List<Long> waits = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      var unused = group.propose(group.leader(), "entry-" + i);
      long begin = System.nanoTime();
      group.awaitEqual(i);
      waits.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    }

    Collections.sort(waits);
    // The next heartbeat comes 1.5 s later, half of the shortest time before an election.
    assertTrue(waits.get(17) < 500, waits.toString());
  }

  @Test
  void aReadBarrierOnAFollowerSeesEveryAcknowledgedEntry() {
    String leader = group.leader();
    for (int i = 1; i <= 5; i++) {
      Applied applied = group.propose(leader, "entry-" + i);

      String follower = group.follower();
      long index = group.replica(follower).readIndex().join();

      assertTrue(index >= applied.index());
      assertEquals(i, group.journal(follower).lines().size());
    }
  }

  @Test
  void anEntryAboveTheBoundIsRefusedByNameAndTheLargestOneIsNot() {
    Replica leader = group.replica(group.leader());

    CompletionException refused =
        assertThrows(CompletionException.class, () -> leader.propose(new byte[4_097]).join());
    leader.propose(new byte[4_096]).join();

    ProposalException why = assertInstanceOf(ProposalException.class, refused.getCause());
    assertEquals(ProposalException.Reason.TOO_LARGE, why.reason());
    assertEquals("expected an entry of at most 4096 bytes, but it has 4097", why.getMessage());
    group.awaitEqual(1);
  }

  @Test
  void moreProposalsThanThereIsRoomForAreRefusedAtOnce() {
    Replica leader = group.replica(group.leader());
    // Without a majority nothing is acknowledged, so the room stays taken.
    Group.NODES.stream()
        .filter(node -> group.replica(node) != leader)
        .forEach(node -> group.stop(node));

    List<CompletableFuture<Applied>> waiting =
        IntStream.range(0, 256).mapToObj(i -> leader.propose(new byte[1])).toList();
    CompletableFuture<Applied> tooMuch = leader.propose(new byte[1]);

    assertEquals(ProposalException.Reason.OVERLOADED, reason(tooMuch));
    assertFalse(waiting.get(0).isDone());
    leader.close();
    assertEquals(ProposalException.Reason.CLOSED, reason(waiting.get(0)));
    assertEquals(ProposalException.Reason.CLOSED, reason(leader.propose(new byte[1])));
  }

  static ProposalException.Reason reason(CompletableFuture<?> failed) {
    CompletionException thrown = assertThrows(CompletionException.class, failed::join);
    return assertInstanceOf(ProposalException.class, thrown.getCause()).reason();
  }
}
