package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.gateway.Ticket.Slot;
import io.shardex.scheduler.gateway.Ticket.Upload;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlobTicketsTest {
  private static final Digest SPEC = Digest.sha256(new byte[] {1});
  private static final Digest DATA = Digest.sha256(new byte[] {2});
  private static final Digest MODEL = Digest.sha256(new byte[] {3});
  private static final Digest RESULT = Digest.sha256(new byte[] {4});
  private static final Digest CHECKPOINT = Digest.sha256(new byte[] {77});
  private static final Set<Digest> PUBLIC = Set.of(SPEC, DATA, MODEL);

  private final LocalMarket market = new LocalMarket(1_000);

  @AfterEach
  void close() {
    market.close();
  }

  private final BlobTickets tickets = new BlobTickets(1_000, 100);
  private final SigningKey worker = market.worker("w");
  private final SigningKey auditor = market.worker("a", SigningKey.fromSeed(1, "another owner"));

  @Test
  void aTrainerReadsWhatItsShardIsMadeOfAndPutsOneResult() {
    TaskId task = aShardIsLeased();

    Ticket ticket = ticket(worker);

    assertEquals(PUBLIC, ticket.readable());
    assertEquals(Set.of(DATA), ticket.described());
    Upload upload = ticket.upload().orElseThrow();
    assertEquals(100, upload.maxBytes());
    assertEquals(List.of(new Slot(task + "/1", 1, Optional.empty())), upload.slots());
  }

  @Test
  void anAuditorReadsTheSameAndNoResultAndPutsNothing() {
    TaskId unused = anAuditIsLeased();

    Ticket ticket = ticket(auditor);

    assertEquals(PUBLIC, ticket.readable());
    assertEquals(Set.of(DATA), ticket.described());
    assertFalse(ticket.readsAll());
    assertEquals(Optional.empty(), ticket.upload());
  }

  @Test
  void anAuditorThatHasSealedReadsNothingMore() {
    TaskId unused = anAuditIsLeased();
    market.seals(auditor, RESULT);

    Ticket ticket = ticket(auditor);

    assertEquals(Set.of(), ticket.readable());
    assertEquals(Optional.empty(), ticket.upload());
  }

  @Test
  void aWorkerWhoseResultIsAuditedMayPutThatOneAgain() {
    TaskId unused = anAuditIsLeased();

    Ticket ticket = ticket(worker);

    assertEquals(
        List.of(new Slot("commitment", 1, Optional.of(RESULT))),
        ticket.upload().orElseThrow().slots());
  }

  @Test
  void whoHasNoLeaseReadsNothing() {
    TaskId unused = aShardIsLeased();
    assertEquals(new Ticket(false, Set.of(), Set.of(), Optional.empty()), ticket(auditor));
  }

  @Test
  void aJobThatIsNotFundedOpensNothing() {
    // It could name any blob of another builder's: the log tells their ids.
    JobId job = market.unfunded(SPEC, DATA);
    assertTrue(market.read(state -> state.job(job)).isPresent());
    assertEquals(Set.of(), ticket(market.builder).readable());
    assertEquals(Set.of(), ticket(market.builder).described());
    assertTrue(ticket(market.builder).upload().isPresent());
  }

  @Test
  void theBuilderReadsItsResultsWhileTheyAreAudited() {
    TaskId unused = anAuditIsLeased();
    assertTrue(ticket(market.builder).readable().contains(RESULT));
  }

  @Test
  void inAJobWithCheckpointsAWorkerPutsAFewBlobsMoreEachTimeItHasSavedOne() {
    market.saves(10);
    TaskId task = aShardIsLeased();
    Upload before = ticket(worker).upload().orElseThrow();
    assertEquals(400, before.maxBytes());
    assertEquals(List.of(new Slot(task + "/1/0", 4, Optional.empty())), before.slots());

    market.saves(worker, 30, CHECKPOINT);

    assertEquals(
        List.of(new Slot(task + "/1/30", 4, Optional.empty())),
        ticket(worker).upload().orElseThrow().slots());
    assertFalse(ticket(worker).readable().contains(CHECKPOINT));
  }

  @Test
  void onlyWhoHoldsTheNextLeaseReadsTheCheckpoint() {
    market.saves(10);
    TaskId unused = aShardIsLeased();
    market.saves(worker, 30, CHECKPOINT);
    market.givesUp(worker);
    market.asks(auditor);
    assertTrue(ticket(auditor).readable().contains(CHECKPOINT));
    assertFalse(ticket(worker).readable().contains(CHECKPOINT));
    CurrentLease next =
        market.read(state -> CurrentLease.of(state, auditor.address())).orElseThrow();
    assertEquals(30, next.message().getCheckpoint().getStep());
    assertEquals(CHECKPOINT, WireValues.digest(next.message().getCheckpoint().getBlob()));
  }

  @Test
  void aSlotTakesNoMoreBlobsThanItHasPlacesForWhicheverTheyAre() {
    ResultSlots slots = new ResultSlots();
    Slot two = new Slot("lease/0", 2, Optional.empty());
    assertTrue(slots.take(worker.address(), List.of(two), MODEL));
    assertTrue(slots.take(worker.address(), List.of(two), RESULT));
    assertTrue(slots.take(worker.address(), List.of(two), MODEL));
    assertFalse(slots.take(worker.address(), List.of(two), CHECKPOINT));
    assertTrue(
        slots.take(
            worker.address(), List.of(new Slot("lease/10", 2, Optional.empty())), CHECKPOINT));
  }

  private TaskId aShardIsLeased() {
    market.asks(worker);
    JobId job = market.job(SPEC, DATA, MODEL, 1);
    return new TaskId(job, 1, 0);
  }

  private TaskId anAuditIsLeased() {
    TaskId unused = aShardIsLeased();
    market.say(worker, new Command.WithdrawAsk());
    market.asks(auditor);
    market.seals(worker, RESULT);
    return market.draws(auditor);
  }

  private Ticket ticket(SigningKey key) {
    return market.read(state -> tickets.of(state, key.address()));
  }
}
