package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.FactValue.Executed;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Standing;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Draws, auditors and seals; what follows from a lie is {@link DisputeTest}'s. */
class AuditTest {
  private static final Amount PAY = Amount.of(8_000);
  private static final Set<DrawCause> BY_HISTORY =
      EnumSet.of(DrawCause.PROBATION, DrawCause.SAMPLE);

  private final TestMarket market = TestMarket.audited();
  private final TestWorker worker = market.asking(1).get(0);
  private final TestWorker auditor = market.auditor();

  private static List<Event.AuditDrawn> drawn(List<Event> events) {
    return TestMarket.only(Event.AuditDrawn.class, events);
  }

  /** A job of one shard that the worker has committed to. */
  private TestJob committed(TestJob job) {
    job.open();
    worker.works();
    return job;
  }

  /** Its auditor has sealed: both sides are asked. */
  private TestJob sealed(TestJob job) {
    committed(job);
    market.draws();
    market.auditorsSeal();
    assertEquals(ResultPhase.SEALED, job.phaseOf(0));
    return job;
  }

  private Amount paid(TestJob job, TestWorker to) {
    return market.state().ledger().balance(Account.paid(job.id(), to.owner()));
  }

  private Standing standing(TestWorker of) {
    return market.state().standing(of.owner());
  }

  @Test
  void aResultThatAnotherExecutionConfirmsIsPaidAndSoIsTheAudit() {
    TestJob job = sealed(market.job("j"));
    market.bothReveal();
    assertEquals(ResultPhase.PROVED, job.phaseOf(0));
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(Amount.of(7_840), paid(job, worker));
    assertEquals(Amount.of(7_840), paid(job, auditor));
    assertEquals(PAY.times(2), Invariants.spent(market.state(), job.id()));
    assertEquals(Amount.ZERO, market.state().ledger().balance(Account.of(Kind.HELD, job.id())));
  }

  @Test
  void aNewcomerIsAuditedAlwaysAndWithHistoryLessAndLess() {
    TestJob job = market.job("j").rounds(30).open();
    TreeMap<Long, Integer> rates = new TreeMap<>();
    while (!job.phase().ended()) {
      long verified = standing(worker).verified();
      worker.works();
      for (Event event : market.finishAudits()) {
        switch (event) {
          case Event.AuditDrawn draw when BY_HISTORY.contains(draw.cause()) ->
              rates.put(verified, draw.rate().value());
          case Event.AuditSpared spared -> rates.put(verified, spared.rate().value());
          default -> {}
        }
      }
      market.finishRound();
    }
    assertEquals(1_000_000, rates.get(0L));
    assertEquals(1_000_000, rates.get(1L));
    assertEquals(2_000_000 / 3, rates.get(2L));
    assertEquals(2_000_000 / 11, rates.get(10L));
    assertEquals(2_000_000 / 30, rates.get(29L));
    assertEquals(30, standing(worker).verified());
  }

  @Test
  void nobodyAuditsResultsOfItsOwnOwner() {
    TestMarket crowded = TestMarket.audited();
    List<TestWorker> many = crowded.asking(6);
    TestJob job = crowded.job("j").shards(5).open();
    many.stream().filter(w -> w.task().isPresent()).toList().forEach(TestWorker::works);
    List<Event> events = crowded.draws();
    assertEquals(5, drawn(events).size());
    drawn(events).forEach(draw -> assertEquals(Optional.empty(), draw.auditor()));
    assertEquals(
        5,
        TestMarket.only(Event.DisputeOpened.class, events).stream()
            .filter(opened -> opened.cause() == DisputeCause.NO_AUDITOR)
            .count());
    crowded.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
  }

  /** Three owners of the same stake together: one key, three keys, and three owners of a third. */
  @Test
  void auditorsAreDrawnByStakeAndNotByTheNumberOfTheirKeysOrOwners() {
    TestMarket crowded = TestMarket.quick(Presets.withProbation(1_000_000));
    TestWorker trainer = crowded.asking(1).get(0);
    TreeMap<Address, String> groups = new TreeMap<>();
    for (TestWorker one : crowded.workers(1, 15, 4_096)) {
      groups.put(one.asks().key(), "one key");
    }
    for (TestWorker one : crowded.workers(3, 15, 4_096)) {
      groups.put(one.asks().key(), "three keys");
    }
    for (int owner = 0; owner < 3; owner++) {
      groups.put(crowded.auditor().key(), "three owners");
    }
    int audits = 210;
    TestJob job = crowded.job("j").rounds(audits).funded(100).open();
    TreeMap<String, Integer> drawn = new TreeMap<>();
    while (!job.phase().ended()) {
      trainer.works();
      for (Event.AuditDrawn draw : drawn(crowded.finishAudits())) {
        drawn.merge(groups.get(draw.auditor().orElseThrow()), 1, Integer::sum);
      }
      crowded.finishRound();
    }
    // Each group is drawn with probability 1/3: 70 times, give or take three times seven.
    assertEquals(3, drawn.size());
    drawn.values().forEach(times -> assertTrue(times > 49 && times < 91, drawn::toString));
  }

  @Test
  void aDrawnAuditorGetsTheAuditAsItsNextLeaseBeforeAnyMatch() {
    TestJob job = market.job("j").shards(4).open();
    assertTrue(auditor.task().isPresent());
    worker.works();
    market.draws();
    // The auditor is busy, the worker took the next shard, and another shard waits.
    TaskId audit = job.result(0).id();
    assertEquals(List.of(audit), auditor.worker().duties());
    assertEquals(1, job.tasks(TaskPhase.OPEN).size());
    auditor.works();
    assertEquals(audit, auditor.task().orElseThrow().id());
    assertEquals(List.of(), auditor.worker().duties());
    assertEquals(1, job.tasks(TaskPhase.OPEN).size());
  }

  @Test
  void anIdleAuditorGetsTheAuditAtOnce() {
    TestJob job = committed(market.job("j"));
    market.draws();
    Task audit = auditor.task().orElseThrow();
    assertEquals(job.result(0).id(), audit.id());
    assertEquals(Amount.ZERO, audit.lease().orElseThrow().hold());
    assertEquals(PAY.times(2), job.result(0).audit().hold());
  }

  @Test
  void noWorkerHasMoreAuditsWaitingThanItMay() {
    TestMarket crowded = TestMarket.audited();
    List<TestWorker> many = crowded.asking(8);
    TestWorker only = crowded.auditor();
    crowded.job("j").shards(9).open();
    many.forEach(TestWorker::works);
    List<Event> events = crowded.draws();
    assertEquals(4, only.worker().duties().size());
    assertEquals(
        4,
        TestMarket.only(Event.DisputeOpened.class, events).stream()
            .filter(opened -> opened.cause() == DisputeCause.NO_AUDITOR)
            .count());
  }

  @Test
  void anAuditIsCommittedToAsAnAuditAndAResultAsAResult() {
    TestJob job = committed(market.job("j").shards(2));
    market.draws();
    Task mine = worker.task().orElse(auditor.task().orElseThrow());
    auditor.works();
    Task audit = auditor.task().orElseThrow();
    assertTrue(audit.id().isAudit());
    market.refuse(
        Reason.WRONG_PHASE,
        auditor.key(),
        new Command.CommitResult(audit.id(), audit.fence(), Digest.ZERO, Digest.ZERO, Digest.ZERO));
    assertEquals(job.id(), mine.id().job());
    TestMarket other = TestMarket.audited();
    TestWorker trainer = other.asking(1).get(0);
    Task shard = other.job("j").open().task(0);
    other.refuse(
        Reason.WRONG_PHASE,
        trainer.key(),
        new Command.CommitAudit(shard.id(), shard.fence(), shard.id().job().value(), Digest.ZERO));
  }

  @Test
  void aSealOfZeroIsNone() {
    Task shard = market.job("j").open().task(0);
    market.refuse(
        Reason.MALFORMED,
        worker.key(),
        new Command.CommitResult(shard.id(), 1, Digest.ZERO, Digest.ZERO, Digest.ZERO));
    market.refuse(
        Reason.MALFORMED,
        worker.key(),
        new Command.CommitDiverged(shard.id(), 1, 3, Digest.ZERO, Digest.ZERO));
  }

  @Test
  void nothingIsRevealedBeforeTheAuditorHasSealed() {
    TestJob job = committed(market.job("j"));
    TaskId shard = job.task(0).id();
    TestMarket.refused(Reason.NOTHING_TO_REVEAL, worker.reveal(shard, 1));
    market.draws();
    TestMarket.refused(Reason.NOTHING_TO_REVEAL, worker.reveal(shard, 1));
    market.auditorsSeal();
    TestMarket.accepted(worker.reveal(shard, 1));
    TestMarket.refused(Reason.NOTHING_TO_REVEAL, worker.reveal(shard, 1));
  }

  @Test
  void aSealIsOpenedOnlyWithItsOwnRootResultAndSaltAndByWhoMadeIt() {
    TestJob job = sealed(market.job("j"));
    TaskId shard = job.task(0).id();
    Executed truth = market.execute(job.result(0).id());
    Digest other = Digest.sha256(new byte[1]);
    TestMarket.refused(
        Reason.SEAL_BROKEN,
        worker.reveal(shard, 1, new Executed(other, truth.shown(), Optional.empty())));
    TestMarket.refused(
        Reason.SEAL_BROKEN,
        worker.reveal(shard, 1, new Executed(truth.root(), other, Optional.empty())));
    market.refuse(
        Reason.SEAL_BROKEN,
        worker.key(),
        new Command.Reveal(shard, 1, truth.root(), truth.shown(), other));
    market.refuse(
        Reason.NOTHING_TO_REVEAL,
        auditor.key(),
        new Command.Reveal(
            shard, 1, truth.root(), truth.shown(), market.salt(shard, 1, worker.key())));
    TestMarket.refused(Reason.NOTHING_TO_REVEAL, worker.reveal(job.result(0).id(), 1, truth));
    TestMarket.accepted(worker.reveal(shard, 1, truth));
  }

  @Test
  void aCopiedSealCannotBeOpened() {
    TestJob job = market.job("j").shards(2).open();
    Task mine = worker.task().orElseThrow();
    Executed said = worker.truth();
    worker.works();
    // The other copies the seal, and in time even what was sealed is known to it.
    Task copied = auditor.task().orElseThrow();
    Digest seal = market.seal(mine.id(), 1, worker.key(), said);
    market.accept(
        auditor.key(),
        new Command.CommitResult(
            copied.id(), 1, said.shown(), seal, market.state().inputs(copied)));
    market.draws();
    market.auditorsSeal();
    TaskId audit = copied.id().audit(1);
    assertEquals(ResultPhase.SEALED, market.state().result(audit).orElseThrow().phase());
    for (Digest salt :
        List.of(
            market.salt(mine.id(), 1, worker.key()), market.salt(copied.id(), 1, auditor.key()))) {
      market.refuse(
          Reason.SEAL_BROKEN,
          auditor.key(),
          new Command.Reveal(copied.id(), 1, said.root(), said.shown(), salt));
    }
    assertEquals(Optional.empty(), job.result(copied.id().shard()).audit().worker());
  }

  @Test
  void theSilentWorkersTrueResultIsPaidAndCostsItNothing() {
    TestJob job = sealed(market.job("j"));
    market.auditorReveals(job.result(0).id());
    List<Event> events = market.pass(market.network().rules().audits().reveal());
    assertEquals(
        DisputeCause.WORKER_SILENT,
        TestMarket.only(Event.DisputeOpened.class, events).get(0).cause());
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(job, worker));
    assertEquals(Amount.of(7_840), paid(job, auditor));
    assertEquals(0, standing(worker).lies());
    assertEquals(Amount.of(5 * Amount.TOKEN), market.state().bonded(worker.owner()));
  }

  @Test
  void theSilentWorkersFalseResultIsSlashed() {
    TestJob job = market.job("j").open();
    Digest poisoned = Digest.sha256(new byte[1]);
    worker.works(new Executed(worker.truth().root(), poisoned, Optional.empty()));
    market.draws();
    market.auditorsSeal();
    market.auditorReveals(job.result(0).id());
    market.pass(market.network().rules().audits().reveal());
    market.agree(Fact.Dispute.class::isInstance);
    assertEquals(ResultPhase.REFUTED, job.phaseOf(0));
    assertEquals(1, standing(worker).lies());
    assertEquals(Amount.ZERO, market.state().bonded(worker.owner()));
    assertEquals(Amount.ZERO, paid(job, worker));
  }

  @Test
  void anAuditorThatDoesNotRevealLosesPayAndHistoryAndAnotherIsDrawn() {
    TestWorker second = market.auditor();
    TestJob job = sealed(market.job("j"));
    TestWorker first = market.auditor(job.result(0).id());
    List<Event> events = market.pass(market.network().rules().audits().reveal());
    assertTrue(
        events.contains(new Event.AuditMissed(job.result(0).id(), first.key(), first.owner())));
    assertEquals(new Standing(0, 0, 1), standing(first));
    assertTrue(first.worker().ask().isEmpty());
    events.addAll(market.draws());
    Event.AuditDrawn again = drawn(events).get(0);
    assertEquals(DrawCause.AUDITOR_MISSING, again.cause());
    assertNotEquals(Optional.of(first.key()), again.auditor());
    assertEquals(
        Optional.of(first.equals(auditor) ? second.key() : auditor.key()), again.auditor());
    market.finishRound();
    assertEquals(Amount.ZERO, paid(job, first));
    assertEquals(Amount.of(7_840), paid(job, worker));
    assertEquals(0, standing(first).lies());
  }

  @Test
  void afterTwoSilentAuditorsTheValidatorsExecute() {
    market.auditor();
    market.auditor();
    TestJob job = committed(market.job("j"));
    List<Event> events = market.draws();
    for (int silent = 0; silent < 2; silent++) {
      events.addAll(market.pass(60_000));
      events.addAll(market.draws());
    }
    assertEquals(2, TestMarket.only(Event.AuditMissed.class, events).size());
    assertEquals(
        DisputeCause.NO_AUDITOR, TestMarket.only(Event.DisputeOpened.class, events).get(0).cause());
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(Amount.of(7_840), paid(job, worker));
  }

  @Test
  void anAuditorThatDiesIsReplacedWhenItsSilenceIsReported() {
    TestWorker second = market.auditor();
    TestJob job = committed(market.job("j"));
    market.draws();
    TestWorker dead = market.auditor(job.result(0).id());
    TestMarket.accepted(dead.start());
    market.accept(Parties.validator(0), new Command.ReportSilent(List.of(dead.key())));
    market.pass(market.pace().silence());
    assertEquals(1, standing(dead).missed());
    market.draws();
    assertNotEquals(dead.key(), market.auditor(job.result(0).id()).key());
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(job, dead.equals(auditor) ? second : auditor));
  }

  @Test
  void anAuditorThatDiesHandsBackTheAuditsItHasNotBegun() {
    TestMarket crowded = TestMarket.audited();
    List<TestWorker> many = crowded.asking(3);
    TestWorker dead = crowded.auditor();
    crowded.job("j").shards(3).open();
    many.forEach(TestWorker::works);
    crowded.draws();
    assertEquals(2, dead.worker().duties().size());
    List<Event> events = crowded.pass(60_000);
    assertEquals(2, TestMarket.only(Event.AuditReturned.class, events).size());
    assertEquals(1, crowded.state().standing(dead.owner()).missed());
    assertEquals(List.of(), dead.worker().duties());
  }

  @Test
  void anAuditorIsNeverDrawnWhenWhatItShouldFindCanBeReadInTheLog() {
    market.auditor();
    TestJob job = sealed(market.job("j"));
    market.workerReveals(job.result(0).id());
    List<Event> events = market.pass(market.network().rules().audits().reveal());
    events.addAll(market.draws());
    assertEquals(Optional.empty(), drawn(events).get(0).auditor());
    assertEquals(
        DisputeCause.NO_AUDITOR, TestMarket.only(Event.DisputeOpened.class, events).get(0).cause());
  }

  @Test
  void anOwnersUnauditedPayStaysBelowWhatItsStakeMakesUnprofitableToLieFor() {
    TestMarket trusting = TestMarket.open(Presets.withProbation(0));
    TestWorker only = trusting.asking(1).get(0);
    trusting.auditor();
    TestJob job = trusting.job("j").rounds(60).open();
    // 5 % of a stake of 5 tokens is 250,000: 31 results of 8,000.
    Amount most = Amount.of(250_000);
    boolean forced = false;
    while (!job.phase().ended()) {
      only.works();
      for (Event.AuditDrawn draw : drawn(trusting.finishAudits())) {
        forced |= draw.cause() == DrawCause.VALUE_AT_RISK;
      }
      assertFalse(most.isLessThan(trusting.state().unauditedValue(only.owner())));
      trusting.finishRound();
    }
    assertTrue(forced);
  }

  @Test
  void oneMoreResultOfEachOwnerIsDrawnBeforeAJobMayEnd() {
    TestMarket trusting = TestMarket.open(Presets.withProbation(0));
    List<TestWorker> one = trusting.asking(2);
    List<TestWorker> two = trusting.asking(2);
    TestJob job = trusting.job("j").shards(4).open();
    one.forEach(TestWorker::works);
    two.forEach(TestWorker::works);
    assertFalse(trusting.state().facts().containsKey(job.roundModel()));
    List<Event> events = trusting.draws();
    assertEquals(
        List.of(one.get(0).owner(), two.get(0).owner()),
        drawn(events).stream()
            .filter(draw -> draw.cause() == DrawCause.LAST)
            .map(draw -> trusting.state().result(draw.audit()).orElseThrow().claim().owner())
            .toList());
    assertFalse(trusting.state().facts().containsKey(job.roundModel()));
    trusting.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
  }

  @Test
  void aCancelledJobMakesItsLastDrawOverAModelThatWasAlreadyAskedFor() {
    TestMarket trusting = TestMarket.open(Presets.withProbation(0));
    TestWorker only = trusting.asking(1).get(0);
    trusting.auditor();
    TestJob job = trusting.job("j").rounds(2).open();
    only.works();
    trusting.draws();
    assertEquals(ResultPhase.SPARED, job.phaseOf(0));
    Fact model = job.roundModel();
    assertTrue(trusting.state().facts().containsKey(model));
    TestMarket.accepted(job.cancel());
    assertFalse(trusting.state().facts().containsKey(model));
    trusting.finishRound();
    assertEquals(Ending.Cause.CANCELLED_BY_BUILDER, job.cause());
    assertEquals(
        Amount.of(7_840), trusting.state().ledger().balance(Account.paid(job.id(), only.owner())));
  }

  @Test
  void aJobAtItsDeadlineEndsWhenItsAuditsDo() {
    TestJob job = committed(market.job("j").deadlineAt(market.now() + 2_000));
    market.draws();
    market.pass(2_000);
    assertFalse(job.phase().ended());
    market.finishRound();
    assertEquals(Ending.Cause.DEADLINE_REACHED, job.cause());
    assertEquals(Amount.of(7_840), paid(job, worker));
  }

  @Test
  void aResultUnderAuditIsJudgedByWhatItShowsAndCannotBeCalledMissing() {
    TestJob job = committed(market.job("j"));
    Command accusation =
        new Command.Attest(
            new Fact.ResultUnusable(job.task(0).id(), 1),
            0,
            new FactValue.Unusable(FactValue.Flaw.MISSING));
    market.refuse(Reason.UNKNOWN_FACT, Parties.validator(0), accusation);
    market.draws();
    market.refuse(Reason.UNKNOWN_FACT, Parties.validator(0), accusation);
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(0, standing(worker).lies());
  }

  @Test
  void aGapOfTheClockIsGivenBackToThoseWhoMustReveal() {
    TestJob job = sealed(market.job("j"));
    long before = job.result(0).audit().revealByMillis();
    market.jump(600_000);
    assertEquals(before + 600_000, job.result(0).audit().revealByMillis());
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(job, auditor));
  }

  @Test
  void aClockThatRunsAheadCostsNobodyItsTimeToReveal() {
    TestJob job = sealed(market.job("j"));
    Address liar = Parties.validator(2);
    Address honest = Parties.validator(0);
    for (int slots = 0; slots < 4; slots++) {
      long slot = market.state().clock().slot();
      market.accept(liar, market.beatOf(liar, slot, Long.MAX_VALUE / 2));
      market.accept(honest, market.beatOf(honest, slot, market.clockMillis()));
    }
    assertEquals(ResultPhase.SEALED, job.phaseOf(0));
    market.bothReveal();
    assertEquals(ResultPhase.PROVED, job.phaseOf(0));
  }

  @Test
  void theStatesDigestIsAskedForEachSoManySlotsAndSettled() {
    TestMarket checked = TestMarket.open(Presets.withCheckpoint(5, 4_096));
    int asked = 0;
    for (int slots = 0; slots < 20; slots++) {
      List<Event> events = checked.beat();
      asked +=
          (int)
              TestMarket.only(Event.FactOpened.class, events).stream()
                  .filter(opened -> opened.fact() instanceof Fact.Checkpoint)
                  .count();
      checked.agree();
    }
    assertEquals(4, asked);
    assertTrue(checked.seen().contains(Event.FactSettled.class));
    assertTrue(checked.state().facts().isEmpty());
  }

  @Test
  void aCheckpointNobodySharesIsDropped() {
    TestMarket checked = TestMarket.open(Presets.withCheckpoint(200, 4_096));
    while (checked.state().facts().isEmpty()) {
      checked.beat();
    }
    checked.pass(3 * checked.pace().factView());
    assertTrue(checked.seen().contains(Event.FactDropped.class));
  }
}
