package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.FactValue.Executed;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Standing;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the validators find when they execute a shard, and what it costs whoever said otherwise. */
class DisputeTest {
  private static final Amount STAKE = Amount.of(5 * Amount.TOKEN);
  private static final Executed LIE =
      new Executed(Digest.sha256(new byte[] {1}), Digest.sha256(new byte[] {2}), Optional.empty());
  private static final Executed OTHER_LIE =
      new Executed(Digest.sha256(new byte[] {3}), Digest.sha256(new byte[] {4}), Optional.empty());

  /** Only chance, a broken beacon and a claim of divergence call for audits here. */
  private final TestMarket market;

  private final TestWorker worker;
  private final TestWorker auditor;

  DisputeTest() {
    market = TestMarket.open(Presets.withProbation(0));
    worker = market.asking(1).get(0);
    auditor = market.auditor();
  }

  private Amount paid(TestJob job, Address to) {
    return market.state().ledger().balance(Account.paid(job.id(), to));
  }

  private Amount slashed(TestWorker of) {
    return market.state().ledger().slashedFrom(of.owner());
  }

  private Amount compensated(TestWorker by, Address to) {
    return market.state().ledger().balance(Account.compensated(by.owner(), to));
  }

  private Standing standing(TestWorker of) {
    return market.state().standing(of.owner());
  }

  /** The worker commits to this under a beacon that breaks, the auditor to that. */
  private List<Event> audited(TestJob job, Executed result, Executed audit) {
    if (job.id() != null && market.state().job(job.id()).isEmpty()) {
      job.open();
    }
    worker.works(result);
    brokenDraw();
    auditor.works(audit);
    market.bothReveal();
    return market.agree(Fact.Dispute.class::isInstance);
  }

  private List<Event> brokenDraw() {
    market.withholds(Parties.validator(1));
    List<Event> events = market.draws();
    market.reveals(Parties.validator(1));
    return events;
  }

  private Executed truth() {
    return worker.truth();
  }

  @Test
  void whoLiedAboutAResultIsSlashedAndTheValidatorsResultBecomesTheShards() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    Fact before = job.roundModel();
    audited(job, LIE, truth);
    assertEquals(ResultPhase.REFUTED, job.phaseOf(0));
    assertEquals(STAKE, slashed(worker));
    assertEquals(new Standing(0, 1, 0), standing(worker));
    assertTrue(worker.worker().ask().isEmpty());
    assertEquals(Amount.ZERO, slashed(auditor));
    Task.Commitment made = job.task(0).commitment().orElseThrow();
    assertTrue(made.isReplaced());
    assertEquals(truth.shown(), made.result());
    assertNotEquals(before, job.roundModel());
    List<Event> events = market.finishRound();
    assertEquals(1, TestMarket.only(Event.ShardReplaced.class, events).size());
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(Amount.ZERO, paid(job, worker.owner()));
    assertEquals(Amount.of(7_840), paid(job, auditor.owner()));
  }

  @Test
  void aPoisonedResultUnderTheTrueRootIsALie() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    audited(job, new Executed(truth.root(), LIE.shown(), Optional.empty()), truth);
    assertEquals(STAKE, slashed(worker));
  }

  @Test
  void aFalseRootOverTheTrueResultIsALieOfWhoSealedIt() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    audited(job, new Executed(LIE.root(), truth.shown(), Optional.empty()), truth);
    assertEquals(STAKE, slashed(worker));
    assertEquals(Amount.ZERO, slashed(auditor));
    market.finishRound();
    assertEquals(Amount.ZERO, paid(job, worker.owner()));
  }

  @Test
  void anAuditorThatLiesIsSlashedAndTheWorkerIsPaid() {
    TestJob job = market.job("j").open();
    audited(job, truth(), LIE);
    assertEquals(ResultPhase.PROVED, job.phaseOf(0));
    assertEquals(STAKE, slashed(auditor));
    assertEquals(Amount.ZERO, slashed(worker));
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(job, worker.owner()));
    assertEquals(Amount.ZERO, paid(job, auditor.owner()));
  }

  @Test
  void whenBothLieBothAreSlashedAndTheExecutorsArePaidOnce() {
    TestJob job = market.job("j").open();
    audited(job, LIE, OTHER_LIE);
    assertEquals(STAKE, slashed(worker));
    assertEquals(STAKE, slashed(auditor));
    Address executor = Parties.validator(0);
    assertEquals(
        Amount.of(8_000), compensated(worker, executor).plus(compensated(auditor, executor)));
    market.finishRound();
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  @Test
  void executorsAreThoseWhoVotedForTheTruthAndTheSlashPaysThem() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    worker.works(LIE);
    brokenDraw();
    auditor.works(truth);
    market.bothReveal();
    Fact fact = new Fact.Dispute(job.result(0).id());
    vote(Parties.validator(2), fact, LIE);
    assertEquals(ResultPhase.DISPUTED, job.phaseOf(0));
    vote(Parties.validator(0), fact, truth);
    vote(Parties.validator(1), fact, truth);
    assertEquals(ResultPhase.REFUTED, job.phaseOf(0));
    assertEquals(Amount.of(8_000), compensated(worker, Parties.validator(0)));
    assertEquals(Amount.of(8_000), compensated(worker, Parties.validator(1)));
    assertEquals(Amount.ZERO, compensated(worker, Parties.validator(2)));
  }

  private void vote(Address validator, Fact fact, FactValue value) {
    int view = Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
    market.accept(validator, new Command.Attest(fact, view, value));
  }

  @Test
  void anExecutionThatFindsNoLiarIsPaidFromFeesAsFarAsTheyGo() {
    TestMarket lonely = TestMarket.audited();
    TestWorker only = lonely.asking(1).get(0);
    TestJob job = lonely.job("j").rounds(3).open();
    lonely.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertTrue(lonely.seen().contains(Event.ExecutionPaid.class));
    // 2 % of three shards at most, whoever got it.
    Amount workers = lonely.state().ledger().balance(Account.paid(job.id(), only.owner()));
    assertEquals(Amount.of(3 * 160), Invariants.spent(lonely.state(), job.id()).minus(workers));
  }

  /** Round 1 held a lie that chance spared; in round 2 the liar claims that training diverged. */
  private TestJob liedInRoundOne(TestJob job) {
    job.rounds(4).open();
    worker.works(LIE);
    market.draws();
    assertEquals(ResultPhase.SPARED, job.phaseOf(0));
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(job, worker.owner()));
    return job;
  }

  private void criesWolf() {
    worker.works(new Executed(LIE.root(), Divergence.shown(3), Optional.of(3)));
  }

  @Test
  void everyUnvestedResultOfAProvenLiarIsDrawn() {
    TestJob other = liedInRoundOne(market.job("other"));
    criesWolf();
    List<Event> events = market.finishAudits();
    Event.OwnerSuspected suspected = TestMarket.only(Event.OwnerSuspected.class, events).get(0);
    assertEquals(worker.owner(), suspected.owner());
    assertTrue(
        TestMarket.only(Event.AuditDrawn.class, events).stream()
            .anyMatch(
                draw ->
                    draw.cause() == DrawCause.PROVEN_LIAR
                        && draw.audit().equals(other.result(0).id())));
    assertEquals(ResultPhase.REFUTED, other.phaseOf(0));
    assertEquals(2, standing(worker).lies());
  }

  @Test
  void aLieInAClosedRoundIsPaidBackAndTheJobRollsBackAtTheNextBoundary() {
    TestJob job = liedInRoundOne(market.job("j").shards(1));
    Digest poisoned = job.job().baseModel();
    criesWolf();
    List<Event> events = market.finishAudits();
    assertEquals(1, TestMarket.only(Event.PayReversed.class, events).size());
    assertEquals(
        List.of(new Event.RoundTainted(job.id(), 1, worker.owner())),
        TestMarket.only(Event.RoundTainted.class, events));
    assertEquals(Amount.ZERO, paid(job, worker.owner()));
    assertEquals(2, job.job().round());
    events = market.finishRound();
    Event.JobRolledBack back = TestMarket.only(Event.JobRolledBack.class, events).get(0);
    assertEquals(1, back.round());
    assertEquals(1, job.job().round());
    assertEquals(1, job.job().models().size());
    assertEquals(0, job.job().losses().size());
    assertNotEquals(poisoned, job.job().baseModel());
    // The shard's fence goes on growing, so the old result and the new one are told apart.
    assertEquals(2, job.task(0).fence());
    assertEquals(auditor.key(), job.task(0).lease().orElseThrow().worker());
    market.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(List.of(1), job.job().doubt().tainted());
    assertEquals(5, job.job().models().size());
    assertEquals(Amount.ZERO, paid(job, worker.owner()));
  }

  @Test
  void theLiarsStakePaysTheBuilderForWhatIsTrainedAgain() {
    TestJob job = market.job("j").shards(2).rounds(4).open();
    worker.works(LIE);
    auditor.works();
    market.finishRound();
    assertEquals(2, job.job().round());
    criesWolf();
    auditor.works();
    List<Event> events = market.finishRound();
    Event.JobRolledBack back = TestMarket.only(Event.JobRolledBack.class, events).get(0);
    // The honest shards of both rounds; the liar's were not paid, or were paid back.
    assertEquals(Amount.of(16_000), back.discarded());
    assertEquals(Amount.of(16_000), compensated(worker, job.job().deposit().builder()));
    assertEquals(Amount.of(2 * 7_840), paid(job, auditor.owner()).minus(auditPay(events, job)));
  }

  /** What the auditor earned by auditing. */
  private Amount auditPay(List<Event> events, TestJob job) {
    assertEquals(2, job.terms().shards());
    return TestMarket.only(Event.AuditPaid.class, events).stream()
        .filter(pay -> pay.owner().equals(auditor.owner()))
        .map(pay -> pay.split().pay())
        .reduce(Amount.ZERO, Amount::plus);
  }

  @Test
  void aJobThatGoesOnKeepsItsModelsAndRemembersTheTaint() {
    TestJob job = liedInRoundOne(market.job("j").goesOn());
    criesWolf();
    market.finishRound();
    assertEquals(3, job.job().round());
    assertEquals(List.of(1), job.job().doubt().tainted());
    market.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertFalse(market.seen().contains(Event.JobRolledBack.class));
    assertEquals(Amount.ZERO, paid(job, worker.owner()));
  }

  @Test
  void probationStartsAnewAfterALie() {
    TestMarket strict = TestMarket.audited();
    TestWorker liar = strict.workers(1, 50, 1_024).get(0).asks();
    strict.auditor();
    TestJob job = strict.job("j").rounds(6).goesOn().open();
    for (int round = 0; round < 2; round++) {
      liar.works();
      strict.finishRound();
    }
    assertEquals(2, strict.state().standing(liar.owner()).verified());
    liar.works(LIE);
    strict.finishRound();
    // Two thirds of its results are audited now; this one was.
    assertEquals(new Standing(0, 1, 0), strict.state().standing(liar.owner()));
    liar.works();
    Event.AuditDrawn draw =
        TestMarket.only(Event.AuditDrawn.class, strict.draws()).stream().findFirst().orElseThrow();
    assertEquals(DrawCause.PROBATION, draw.cause());
    assertEquals(Amount.of(50 * Amount.TOKEN).minus(STAKE), strict.state().bonded(liar.owner()));
    assertEquals(4, job.job().round());
  }

  @Test
  void aDivergenceThatIsConfirmedPaysTheStepsDoneAndFailsTheJobByTheBuildersFault() {
    TestJob job = market.job("j").rounds(3).open();
    market.diverges(new TaskId(job.id(), 1, 0), 25);
    worker.works();
    Event.AuditDrawn draw = TestMarket.only(Event.AuditDrawn.class, market.draws()).get(0);
    assertEquals(DrawCause.DIVERGED, draw.cause());
    market.finishRound();
    assertEquals(Ending.Cause.DIVERGED, job.cause());
    assertEquals(JobPhase.FAILED, job.phase());
    assertEquals(Rejection.Fault.BUILDER, job.cause().fault());
    // A quarter of the steps: 2,000 each for worker and auditor.
    assertEquals(Amount.of(1_960), paid(job, worker.owner()));
    assertEquals(Amount.of(1_960), paid(job, auditor.owner()));
  }

  @Test
  void aDivergenceThatIsNoneIsALie() {
    TestJob job = market.job("j").rounds(2).open();
    criesWolf();
    market.finishRound();
    assertEquals(STAKE, slashed(worker));
    assertTrue(job.job().ending().isEmpty());
    assertEquals(2, job.job().round());
  }

  @Test
  void aDivergenceThatAWorkerHidesIsALieAndFailsTheJob() {
    TestJob job = market.job("j").rounds(2).open();
    market.diverges(new TaskId(job.id(), 1, 0), 25);
    audited(job, LIE, truth());
    assertEquals(STAKE, slashed(worker));
    market.finishRound();
    assertEquals(Ending.Cause.DIVERGED, job.cause());
  }

  @Test
  void validatorsThatDisagreeVoteAnewAndInTheEndFailTheJob() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    worker.works(LIE);
    brokenDraw();
    auditor.works(truth);
    market.bothReveal();
    Fact fact = new Fact.Dispute(job.result(0).id());
    for (int view = 0; view < 3; view++) {
      assertEquals(
          view, Optional.ofNullable(market.state().facts().get(fact)).orElseThrow().view());
      vote(Parties.validator(0), fact, truth);
      vote(Parties.validator(2), fact, LIE);
      market.pass(20_000 + 50_000);
    }
    assertEquals(Ending.Cause.VALIDATORS_DISAGREE, job.cause());
    assertEquals(Amount.ZERO, slashed(worker));
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  @Test
  void aLiarsAccompliceCannotCallItsResultMissing() {
    TestJob job = market.job("j").open();
    worker.works(LIE);
    brokenDraw();
    Fact accusation = new Fact.ResultUnusable(job.task(0).id(), 1);
    Command accuse =
        new Command.Attest(accusation, 0, new FactValue.Unusable(FactValue.Flaw.MISSING));
    market.refuse(Rejection.Reason.UNKNOWN_FACT, Parties.validator(2), accuse);
    auditor.works();
    market.bothReveal();
    assertEquals(TaskPhase.DISPUTED, job.task(0).phase());
    market.refuse(Rejection.Reason.UNKNOWN_FACT, Parties.validator(2), accuse);
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(1, standing(worker).lies());
  }

  @Test
  void anAuditCannotBeCalledUnusable() {
    TestJob job = market.job("j").open();
    worker.works();
    brokenDraw();
    auditor.works();
    market.refuse(
        Rejection.Reason.UNKNOWN_FACT,
        Parties.validator(2),
        new Command.Attest(
            new Fact.ResultUnusable(job.result(0).id(), 1),
            0,
            new FactValue.Unusable(FactValue.Flaw.MISSING)));
  }

  @Test
  void slashesAndCompensationsGoIntoBatchesUntilTheChainHasThem() {
    TestJob job = market.job("j").rounds(2).goesOn().open();
    audited(job, LIE, truth());
    market.beat();
    Batch first = market.batch(1).batch();
    assertEquals(List.of(new Batch.SlashLine(worker.owner(), STAKE)), first.slashes());
    // The two whose votes made the truth.
    assertEquals(2, first.compensations().size());
    assertTrue(first.closes().isEmpty());
    market.agree(Fact.BatchOf.class::isInstance);
    market.pass(5_000);
    assertEquals(1, market.state().batches().size());
    assertTrue(market.state().unsettled().contains(worker.owner()));
    market.settle(market.batch(1));
    assertFalse(market.state().unsettled().contains(worker.owner()));
    assertEquals(BatchPhase.CONFIRMED, market.batch(1).phase());
    market.pass(5_000);
    assertEquals(1, market.state().batches().size());
  }

  @Test
  void aSlashThatGrewSinceItsBatchWasSealedIsSentAgainInAll() {
    TestMarket rich = TestMarket.open(Presets.withProbation(10));
    TestWorker liar = rich.workers(1, 50, 1_024).get(0).asks();
    rich.auditor();
    rich.job("j").rounds(3).goesOn().open();
    liar.works(LIE);
    rich.finishRound();
    rich.sync();
    assertEquals(BatchPhase.SIGNED, rich.batch(1).phase());
    liar.works(OTHER_LIE);
    rich.finishRound();
    rich.settle(rich.batch(1));
    assertTrue(rich.state().unsettled().contains(liar.owner()));
    rich.sync();
    Batch.SlashLine line = rich.batch(2).batch().slashes().get(0);
    assertEquals(new Batch.SlashLine(liar.owner(), STAKE.times(2)), line);
    rich.settle(rich.batch(2));
    assertTrue(rich.state().unsettled().isEmpty());
  }

  @Test
  void stakeThatWasAskedBackIsSlashedWhileItUnbonds() {
    TestJob job = market.job("j").open();
    Executed truth = truth();
    worker.works(LIE);
    market.chain().add(new ChainEvent.UnstakeRequested(worker.owner(), STAKE));
    market.sync();
    assertEquals(Amount.ZERO, market.state().bonded(worker.owner()));
    job.result(0);
    if (job.phaseOf(0) == ResultPhase.SPARED || job.phaseOf(0) == ResultPhase.WAITING) {
      market.draws();
    }
    market.finishAudits();
    assertNotEquals(truth, LIE);
    assertEquals(ResultPhase.REFUTED, job.phaseOf(0));
    assertEquals(STAKE, slashed(worker));
    assertEquals(
        Amount.ZERO, market.state().ledger().balance(Account.of(Kind.UNBONDING, worker.owner())));
  }

  @Test
  void aLiarThatDrainsWithAuditsInItsQueueHandsThemBackAndIsSlashedAllTheSame() {
    TestMarket crowded = TestMarket.open(Presets.withProbation(2));
    TestWorker liar = crowded.workers(1).get(0);
    TestWorker other = crowded.auditor();
    TestJob second = crowded.job("k").open();
    liar.asks();
    TestJob job = crowded.job("j").shards(2).open();
    liar.works(LIE);
    assertEquals(job.id(), liar.task().orElseThrow().id().job());
    other.works();
    crowded.draws();
    TaskId duty = second.result(0).id();
    assertEquals(List.of(duty), liar.worker().duties());
    crowded.accept(liar.key(), new Command.Drain());
    assertEquals(List.of(), liar.worker().duties());
    crowded.auditorsSeal();
    liar.works();
    crowded.finishRound();
    assertEquals(STAKE, crowded.state().ledger().slashedFrom(liar.owner()));
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, second.cause());
  }

  @Test
  void aWorkerAndAnAuditorThatLieAlikePassUntilAnHonestOneLooks() {
    TestMarket crowded = TestMarket.open(Presets.withProbation(0));
    TestWorker liar = crowded.asking(1).get(0);
    TestWorker colluder = crowded.auditor();
    TestJob job = crowded.job("j").rounds(3).open();
    liar.works(LIE);
    crowded.withholds(Parties.validator(1));
    crowded.draws();
    crowded.reveals(Parties.validator(1));
    colluder.works(LIE);
    crowded.bothReveal();
    assertEquals(ResultPhase.PROVED, job.phaseOf(0));
    crowded.finishRound();
    // The next lie is proven by somebody else: now the validators look at the first as well.
    crowded.accept(colluder.key(), new Command.WithdrawAsk());
    crowded.auditor();
    liar.works(new Executed(LIE.root(), Divergence.shown(3), Optional.of(3)));
    crowded.finishAudits();
    assertEquals(ResultPhase.REFUTED, job.phaseOf(0));
    assertEquals(STAKE, crowded.state().ledger().slashedFrom(colluder.owner()));
    assertEquals(
        Amount.ZERO, crowded.state().ledger().balance(Account.paid(job.id(), liar.owner())));
  }

  @Test
  void whatTheValidatorsExecutedIsNotDrawnAgain() {
    TestMarket lonely = TestMarket.open(Presets.withProbation(2));
    TestWorker liar = lonely.workers(1, 50, 1_024).get(0).asks();
    TestJob job = lonely.job("j").rounds(4).goesOn().open();
    liar.works();
    assertEquals(
        DisputeCause.NO_AUDITOR,
        TestMarket.only(Event.DisputeOpened.class, lonely.draws()).get(0).cause());
    lonely.finishRound();
    liar.works(LIE);
    List<Event> events = lonely.finishRound();
    assertEquals(List.of(), TestMarket.only(Event.OwnerSuspected.class, events));
    assertEquals(ResultPhase.PROVED, job.phaseOf(0));
  }

  @Test
  void payThatHasVestedIsBeyondDoubt() {
    TestMarket vesting = TestMarket.open(Presets.auditedWithVest(20_000));
    TestWorker liar = vesting.workers(1, 50, 1_024).get(0).asks();
    vesting.auditor();
    TestJob first = vesting.job("first").open();
    vesting.train(first);
    vesting.pass(10_000);
    assertFalse(vesting.state().resultsOf(first.id()).isEmpty());
    TestJob second = vesting.job("second").rounds(3).goesOn().open();
    assertEquals(liar.key(), second.task(0).lease().orElseThrow().worker());
    liar.works(LIE);
    List<Event> events = vesting.finishRound();
    // The first job's result is not vested, so it is drawn again though its job has ended.
    assertTrue(
        TestMarket.only(Event.AuditDrawn.class, events).stream()
            .anyMatch(draw -> draw.audit().equals(first.result(0).id())));
    assertEquals(ResultPhase.PROVED, first.phaseOf(0));
    vesting.agree(Fact.BatchOf.class::isInstance);
    vesting.pass(11_000);
    assertTrue(vesting.state().resultsOf(first.id()).isEmpty());
  }
}
