package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Rejection.Reason;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.Samples;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.OpenFact;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTest {
  private static final Amount MOST = Amount.of(Long.MAX_VALUE);

  private final TestMarket market = TestMarket.audited();

  @Test
  void aReserveBeyondAnyPriceIsRefusedBeforeItReachesTheBook() {
    TestWorker worker = market.workers(1).get(0);
    market.refuse(
        Reason.MALFORMED, worker.key(), new Command.PlaceAsk(new UnitPrice(Long.MAX_VALUE)));
    worker.asks(new UnitPrice(Long.MAX_VALUE / 100 * 98));
    market.job("j").open();
    market.pass(3 * market.pace().epoch());
  }

  @Test
  void termsThatCostMoreThanAnAmountHoldsAreRefused() {
    TestJob job = market.job("j").work(WorkUnits.MAX).limit(Long.MAX_VALUE).deposited();
    TestMarket.refused(Reason.MALFORMED, job.trySubmit());
    TestJob many = job.work(1_000_000_000_000L).limit(Long.MAX_VALUE / 8).shards(10_000);
    TestMarket.refused(Reason.MALFORMED, many.rounds(10_000).trySubmit());
  }

  @Test
  void aDeadlineThatWouldWrapPastTheRefundDateIsRefused() {
    TestJob job = market.job("j").deposited();
    TestMarket.refused(Reason.REFUND_TOO_EARLY, job.deadlineAt(Long.MAX_VALUE).trySubmit());
    TestMarket.refused(Reason.DEADLINE_PAST, job.deadlineAt(Long.MIN_VALUE).trySubmit());
  }

  @Test
  void numbersOutOfRangeAreRefusedOneByOne() {
    TestJob job = market.job("j").deposited();
    for (int wrong : new int[] {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE}) {
      TestMarket.refused(Reason.MALFORMED, job.shards(wrong).trySubmit());
      TestMarket.refused(Reason.MALFORMED, job.shards(1).rounds(wrong).trySubmit());
      job.rounds(1);
    }
    TestMarket.refused(Reason.MALFORMED, job.memoryMiB(-1).trySubmit());
    TestMarket.refused(Reason.MALFORMED, job.memoryMiB(0).work(0).trySubmit());
    TestMarket.refused(Reason.MALFORMED, job.work(1).audit(49_999).trySubmit());
    TestMarket.accepted(job.audit(50_000).trySubmit());
  }

  @Test
  void aNameOf65CharactersIsRefused() {
    TestJob job = market.job("n".repeat(65)).deposited();
    TestMarket.refused(Reason.MALFORMED, job.trySubmit());
  }

  @Test
  void aVoteWithAHugeWrongPageGetsARefusalThatFitsTheLog() {
    TestJob job = market.job("j").submitted();
    List<ChainEvent> events = Collections.nCopies(500, job.depositEvent());
    Outcome outcome =
        market.send(
            Parties.validator(0),
            new Command.Attest(
                new Fact.TermsOf(job.id()), 0, new FactValue.ChainPage(1, 1, events)));
    TestMarket.refused(Reason.WRONG_VALUE, outcome);
    assertEquals(outcome, EventCodecs.OUTCOME.decode(EventCodecs.OUTCOME.encode(outcome)));
  }

  @Test
  void aReportOfMoreThanAThousandWorkersIsRefused() {
    List<Address> many = Collections.nCopies(1_001, Parties.STRANGER);
    market.refuse(Reason.MALFORMED, Parties.validator(0), new Command.ReportSilent(many));
    market.accept(Parties.validator(0), new Command.ReportSilent(many.subList(0, 1_000)));
  }

  @Test
  void aBeatWithNegativeNumbersIsRefused() {
    long slot = market.state().clock().slot();
    for (Command.Beat beat :
        List.of(
            new Command.Beat(slot, -1, 0, 0, Digest.ZERO, Optional.empty()),
            new Command.Beat(slot, 0, Long.MIN_VALUE, 0, Digest.ZERO, Optional.empty()))) {
      market.refuse(Reason.MALFORMED, Parties.validator(0), beat);
    }
  }

  @Test
  void moreMoneyThanALongHoldsIsNotCountedAndNothingBreaks() {
    TestJob job = market.job("j").fundedExactly(MOST).deposited().deposited();
    market.chain().add(new ChainEvent.Staked(Parties.owner(0), MOST));
    market.chain().add(new ChainEvent.Staked(Parties.owner(0), MOST));
    market.sync();
    assertEquals(MOST, market.state().ledger().total(Kind.DEPOSITS));
    assertEquals(MOST, market.state().bonded(Parties.owner(0)));
    TestMarket.accepted(job.trySubmit());
  }

  @Test
  void moreUnstakedThanWasStakedTakesWhatIsThere() {
    Address owner = market.workers(1).get(0).owner();
    market.chain().add(new ChainEvent.UnstakeRequested(owner, MOST));
    market.chain().add(new ChainEvent.Unstaked(owner, MOST));
    market.chain().add(new ChainEvent.Reclaimed(market.job("none").id(), MOST));
    market.sync();
    assertEquals(
        Amount.of(5 * Amount.TOKEN),
        market.state().ledger().balance(Account.retired(Kind.WITHDRAWN)));
  }

  @Test
  void rulesThatWouldStopTheMarketAreNoRules() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Rules.Money(new PartsPerMillion(1_000_000), Amount.ZERO, new PartsPerMillion(0)));
    assertThrows(
        IllegalArgumentException.class, () -> new Rules.Bounds(1, 1, 1, 1, 1, 1, 1, 0, 1, 1));
    for (long wrong : new long[] {-1, Long.MAX_VALUE}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Rules.Pace(1, 1, wrong, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    }
  }

  /** Any command, with any values, from anybody: an outcome, and books that balance. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void noCommandMakesTheMachineThrow(long seed) {
    Random random = new Random(seed);
    Samples samples = new Samples(seed);
    TestWorker worker = market.asking(2).get(0);
    market.job("running").shards(4).open();
    market.job("waiting").submitted();
    List<Address> signers =
        List.of(
            worker.key(),
            worker.owner(),
            Parties.builder(0),
            Parties.validator(0),
            Parties.validator(1),
            Parties.STRANGER);
    for (int i = 0; i < 3_000; i++) {
      Address signer = signers.get(random.nextInt(signers.size()));
      String before = market.state().ledger().balances().toString();
      Outcome outcome = market.send(signer, samples.of(Command.class));
      if (outcome instanceof Outcome.Rejected) {
        assertEquals(before, market.state().ledger().balances().toString());
      }
    }
  }

  /** Even if every validator attests nonsense, the machine goes on and the books balance. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void noAgreedValueMakesTheMachineThrow(long seed) {
    Samples samples = new Samples(seed);
    market.asking(3);
    for (int i = 0; i < 60; i++) {
      market.chain().add().add();
      TestJob job = market.job("job-" + i);
      market.chain().add(job.depositEvent());
      market.sync();
      TestMarket.accepted(job.trySubmit());
      market.chain().add().add().add();
      market.jump(market.pace().beat());
      for (Fact fact : List.copyOf(market.state().facts().keySet())) {
        int view =
            Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
        FactValue value = fitting(fact, samples);
        for (int validator = 0; validator < 3; validator++) {
          assertInstanceOf(
              Outcome.class,
              market.send(Parties.validator(validator), new Command.Attest(fact, view, value)));
        }
      }
    }
    assertTrue(market.state().jobs().size() > 10);
  }

  private static FactValue fitting(Fact fact, Samples samples) {
    return switch (fact) {
      case Fact.ChainRange range ->
          new FactValue.ChainPage(range.to(), 0, samples.of(FactValue.ChainPage.class).events());
      case Fact.TermsOf terms -> samples.of(FactValue.TermsHold.class);
      case Fact.RoundModel model -> samples.of(FactValue.Averaged.class);
      case Fact.ResultUnusable unusable -> samples.of(FactValue.Unusable.class);
      case Fact.BatchOf batch -> samples.of(FactValue.BatchHash.class);
      case Fact.Dispute dispute -> samples.of(FactValue.Executed.class);
      case Fact.Checkpoint checkpoint -> samples.of(FactValue.StateDigest.class);
      case Fact.Hardware hardware -> samples.of(FactValue.Judged.class);
    };
  }
}
