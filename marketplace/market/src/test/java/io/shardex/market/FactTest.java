package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FactTest {
  private static final Address HONEST = Parties.validator(0);
  private static final Address OTHER = Parties.validator(1);
  private static final Address LIAR = Parties.validator(2);

  private static void vote(TestMarket market, Address validator, Fact fact, FactValue value) {
    int view = Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
    market.accept(validator, new Command.Attest(fact, view, value));
  }

  /** The liar votes first, one honest validator after it: nothing is settled. The other decides. */
  private static void liarCannotSettle(TestMarket market, Fact fact, FactValue lie) {
    FactValue truth = market.truth(fact);
    vote(market, LIAR, fact, lie);
    vote(market, HONEST, fact, truth);
    assertTrue(market.state().facts().containsKey(fact));
    vote(market, OTHER, fact, truth);
    assertFalse(market.state().facts().containsKey(fact));
  }

  @Test
  void aLiarCannotInventADeposit() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j");
    market.chain().add();
    market.beat();
    Fact fact = market.state().facts().firstKey();
    liarCannotSettle(market, fact, new FactValue.ChainPage(1, 1_000, List.of(job.depositEvent())));
    assertTrue(market.state().deposits().isEmpty());
    assertEquals(1, market.state().chain().block());
  }

  @Test
  void aLiarCannotHaveTermsRefused() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").submitted();
    liarCannotSettle(
        market, new Fact.TermsOf(job.id()), new FactValue.TermsRefused("I dislike it"));
    assertEquals(JobPhase.FUNDED, job.phase());
  }

  @Test
  void aLiarCannotPlantAModel() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").open();
    worker.works();
    market.draws();
    FactValue truth = market.truth(job.roundModel());
    liarCannotSettle(market, job.roundModel(), new FactValue.Averaged(Digest.ZERO, 0));
    assertEquals(truth, new FactValue.Averaged(job.job().baseModel(), 1));
  }

  @Test
  void aLiarCannotHaveAResultThrownAway() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").rounds(2).open();
    worker.works();
    market.draws();
    Fact lie = new Fact.ResultUnusable(job.task(0).id(), 1);
    vote(market, LIAR, lie, new FactValue.Unusable(FactValue.Flaw.MALFORMED));
    assertEquals(TaskPhase.COMMITTED, job.task(0).phase());
    market.agree(fact -> fact.equals(job.roundModel()));
    assertFalse(market.state().facts().containsKey(lie));
    assertEquals(1, worker.worker().verified());
  }

  @Test
  void anAccusationThatNobodySharesIsDroppedInTime() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").shards(2).open();
    worker.start();
    worker.commit();
    market.draws();
    Fact lie = new Fact.ResultUnusable(new TaskId(job.id(), 1, 0), 1);
    vote(market, LIAR, lie, new FactValue.Unusable(FactValue.Flaw.MALFORMED));
    market.pass(market.pace().factView());
    assertFalse(market.state().facts().containsKey(lie));
    assertTrue(job.job().ending().isEmpty());
  }

  @Test
  void aLiarCannotHaveAnotherBatchSigned() {
    TestMarket market = TestMarket.open();
    TestMarket.accepted(market.job("j").open().cancel());
    market.beat();
    liarCannotSettle(market, new Fact.BatchOf(1), new FactValue.BatchHash(Digest.ZERO));
    assertEquals(BatchPhase.SIGNED, market.batch(1).phase());
    assertEquals(
        List.of(HONEST, OTHER),
        market.batch(1).endorsements().stream().map(Batch.Endorsement::validator).toList());
  }

  @Test
  void aLiarMovesTheClockNeitherAheadNorBack() {
    TestMarket market = TestMarket.open();
    long before = market.now();
    for (long lie : new long[] {0, Long.MAX_VALUE}) {
      for (Address first : List.of(HONEST, LIAR)) {
        Address second = first.equals(HONEST) ? LIAR : HONEST;
        long slot = market.state().clock().slot();
        market.accept(first, market.beatOf(first, slot, first.equals(LIAR) ? lie : before));
        market.accept(second, market.beatOf(second, slot, second.equals(LIAR) ? lie : before));
        assertEquals(slot + 1, market.state().clock().slot());
        assertEquals(before, market.now());
      }
    }
    market.jump(1_000);
    assertEquals(before + 1_000, market.now());
  }

  @Test
  void marketTimeNeverFallsEvenWhenEveryClockIsSetBack() {
    TestMarket market = TestMarket.open();
    long before = market.now();
    market.jump(-5_000);
    assertEquals(before, market.now());
  }

  @Test
  void aLiarCannotMakeTheMarketAskForBlocksThatAreNotFinal() {
    TestMarket market = TestMarket.open();
    long slot = market.state().clock().slot();
    market.accept(
        LIAR,
        new Command.Beat(slot, market.now(), Long.MAX_VALUE, 0, Digest.ZERO, Optional.empty()));
    market.accept(HONEST, market.beatOf(HONEST, slot, market.now()));
    assertTrue(market.state().facts().isEmpty());
  }

  @Test
  void theMarketComesBackAfterAnOutageLongerThanACommandLives() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    market.jump(100 * market.pace().commandLife());
    assertTrue(worker.task().isPresent());
  }

  @Test
  void threeViewsWithoutAgreementFailAJobsQuestion() {
    TestMarket market = TestMarket.open();
    market.asking(2);
    TestJob job = market.job("j").shards(2).rounds(2).open();
    market.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    TestJob split = market.job("split").open();
    market.worker(workerOf(split)).works();
    market.draws();
    for (int view = 0; view < 3; view++) {
      Fact fact = split.roundModel();
      assertEquals(
          view, Optional.ofNullable(market.state().facts().get(fact)).orElseThrow().view());
      vote(market, HONEST, fact, market.truth(fact));
      vote(market, LIAR, fact, new FactValue.Averaged(Digest.ZERO, view));
      market.pass(market.pace().factView());
    }
    assertEquals(Ending.Cause.VALIDATORS_DISAGREE, split.cause());
    // What was committed is not verified, so it is not paid and its hold goes back.
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), split.id()));
  }

  private static Address workerOf(TestJob job) {
    return job.task(0).lease().orElseThrow().worker();
  }

  @Test
  void questionsAboutTheChainAndBatchesAreAskedUntilTheyAreAnswered() {
    TestMarket market = TestMarket.open();
    TestMarket.accepted(market.job("j").open().cancel());
    market.beat();
    market.chain().add();
    market.beat();
    assertEquals(2, market.state().facts().size());
    market.pass(5 * market.pace().factView());
    assertEquals(
        List.of(5, 5), market.state().facts().values().stream().map(OpenFact::view).toList());
    market.agree();
    assertEquals(BatchPhase.SIGNED, market.batch(1).phase());
  }

  @Test
  void votesOfAnEarlierViewDoNotCountInTheNext() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").submitted();
    Fact fact = new Fact.TermsOf(job.id());
    vote(market, HONEST, fact, market.truth(fact));
    market.pass(market.pace().factView());
    vote(market, OTHER, fact, market.truth(fact));
    assertEquals(JobPhase.SUBMITTED, job.phase());
    // Another vote in another view is no contradiction.
    vote(market, HONEST, fact, market.truth(fact));
    assertEquals(JobPhase.FUNDED, job.phase());
  }

  @Test
  void theSameVoteTwiceIsHarmlessAndCountsOnce() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").submitted();
    Fact fact = new Fact.TermsOf(job.id());
    vote(market, HONEST, fact, market.truth(fact));
    vote(market, HONEST, fact, market.truth(fact));
    assertEquals(JobPhase.SUBMITTED, job.phase());
    market.refuse(
        Reason.CONTRADICTION, HONEST, new Command.Attest(fact, 0, new FactValue.TermsRefused("")));
  }

  @Test
  void aFullPageIsFollowedByTheQuestionForTheRest() {
    TestMarket market = TestMarket.open(Presets.withBounds(256, 100, 10));
    for (int i = 0; i < 25; i++) {
      market.chain().add();
    }
    market.beat();
    Fact.ChainRange first = (Fact.ChainRange) market.state().facts().firstKey();
    assertEquals(new Fact.ChainRange(1, 10), first);
    market.attest(first, market.chain().page(1, 4));
    assertEquals(new Fact.ChainRange(5, 14), market.state().facts().firstKey());
    market.agree();
    assertEquals(25, market.state().chain().block());
  }
}
