package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.Unproven;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.Proof;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Challenges, answers, openings, and what follows from them. */
class HardwareTest {
  private static final ResourceClass GPU = new ResourceClass("nvidia-rtx-4090");

  @Test
  void allWorkersOfADrawnOwnerAreChallengedAtOnce() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    List<TestWorker> workers = market.asking(3);

    List<Event> events = drawn(market);

    List<Event.ChallengeDrawn> draws = TestMarket.only(Event.ChallengeDrawn.class, events);
    assertEquals(3, draws.size());
    assertEquals(1, draws.stream().map(Event.ChallengeDrawn::deadlineMillis).distinct().count());
    assertEquals(3, draws.stream().map(draw -> draw.challenge().seed()).distinct().count());
    assertTrue(workers.stream().allMatch(worker -> worker.challenge().isPresent()));
  }

  @Test
  void nobodyIsChallengedWhereTheRulesWantNoProofsOrWhoIsNotHere() {
    TestMarket without = TestMarket.open();
    without.asking(1);
    assertEquals(List.of(), TestMarket.only(Event.ChallengeDrawn.class, drawn(without)));

    TestMarket market = TestMarket.open(Presets.challenging(64));
    market.workers(1);
    assertEquals(List.of(), TestMarket.only(Event.ChallengeDrawn.class, drawn(market)));
  }

  @Test
  void aChallengeIsSizedByTheClasssRateAndByWhatIsOffered() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker small = market.workers(1, 5, 20).get(0).asks();
    TestWorker large = market.workers(1, 5, 4_096).get(0).asks();
    drawn(market);

    // 40 ms of the class's rate; half of what is offered, at most what the rules say.
    Challenge least = small.challenge().orElseThrow().challenge();
    long work = TestNetwork.PER_HOUR.inMillis(40, TestNetwork.PER_HOUR).count();
    assertEquals(Challenge.of(Digest.ZERO, new WorkUnits(work), 0).links(), least.links());
    assertEquals(10 * 16, least.blocks());
    assertEquals(4 * 10 * 16, least.steps());
    assertEquals(64 * 16, large.challenge().orElseThrow().challenge().blocks());
  }

  @Test
  void aChainGrowsInLengthAndThenInItsMatrices() {
    assertEquals(new Challenge(Digest.ZERO, 64, 1, 0, 0), sized(0));
    assertEquals(new Challenge(Digest.ZERO, 64, 190, 0, 0), sized(100));
    // Two seconds of 60,000,000 WU an hour.
    assertEquals(new Challenge(Digest.ZERO, 512, 124, 0, 0), sized(33_333));
    assertEquals(new Challenge(Digest.ZERO, 2_048, 256, 0, 0), sized(WorkUnits.MAX));
  }

  private static Challenge sized(long work) {
    return Challenge.of(Digest.ZERO, new WorkUnits(work), 0);
  }

  @Test
  void aLeasedWorkerIsAskedForNoMemory() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    assertTrue(worker.task().isPresent());

    drawn(market);

    assertEquals(0, worker.challenge().orElseThrow().challenge().blocks());
    assertEquals(0, worker.challenge().orElseThrow().challenge().steps());
  }

  @Test
  void aRightAnswerInTimeProvesTheHardwareAndSaysHowLongItTook() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    drawn(market);
    market.pass(600);
    worker.answers();
    // What comes after the answer is not the device's time.
    market.draws();
    market.pass(200);
    worker.opens();

    List<Event> events = market.agree(Fact.Hardware.class::isInstance);

    assertEquals(
        List.of(new Event.HardwareProven(worker.key(), 600)),
        TestMarket.only(Event.HardwareProven.class, events));
    assertEquals(
        Optional.of(new Proof(worker.key(), 0, 600, market.now())),
        market.state().proof(worker.key()));
    assertTrue(worker.worker().asks());
    assertEquals(Optional.empty(), worker.challenge());
  }

  @Test
  void whatIsOpenedIsUnknownUntilTheAnswerIsThere() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    drawn(market);
    worker.answers();
    assertEquals(Optional.empty(), worker.challenge().flatMap(LiveChallenge::draw));
    Digest seed = worker.challenge().orElseThrow().challenge().seed();
    market.refuse(Reason.NO_CHALLENGE, worker.key(), new Command.OpenChallenge(seed, Digest.ZERO));

    market.draws();

    assertTrue(worker.challenge().flatMap(LiveChallenge::draw).isPresent());
  }

  @Test
  void aSecondAnswerAndAnothersChallengeAreRefused() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    List<TestWorker> workers = market.asking(2);
    drawn(market);
    Digest seed = workers.get(0).challenge().orElseThrow().challenge().seed();
    workers.get(0).answers();

    Command again = new Command.AnswerChallenge(seed, Digest.ZERO);
    market.refuse(Reason.NO_CHALLENGE, workers.get(0).key(), again);
    market.refuse(Reason.NO_CHALLENGE, workers.get(1).key(), again);
  }

  @Test
  void whoAnswersLateLosesItsAskAndIsLeasedNothingUntilItPasses() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    drawn(market);

    refutedBy(Unproven.LATE, worker, market.pass(1_200));
    worker.asks();
    market.job("j").open();
    assertEquals(Optional.empty(), worker.task(), "leased without a proof");

    while (worker.challenge().isEmpty()) {
      market.pass(200);
    }
    passes(worker);
    assertTrue(worker.task().isPresent(), "not leased though proven");
  }

  @Test
  void whoWasAwayIsChallengedAsSoonAsItAsksAgain() {
    TestMarket market = seldom();
    TestWorker worker = refuted(market);
    market.pass(market.pace().cooldown());
    long epoch = market.state().clock().epoch();

    worker.asks();
    market.draws();

    assertTrue(worker.challenge().isPresent());
    assertEquals(epoch, market.state().clock().epoch());
    passes(worker);
    market.job("j").on(GPU).open();
    assertTrue(worker.task().isPresent());
  }

  @Test
  void askingOverAndOverGivesNobodyMoreTriesAndEachComesTwiceAsLate() {
    TestMarket market = seldom();
    TestWorker worker = refuted(market);
    List<Long> tries = new ArrayList<>();
    long judged = market.now();
    while (tries.size() < 9) {
      if (worker.worker().asks()) {
        market.accept(worker.key(), new Command.WithdrawAsk());
      }
      worker.asks();
      market.draws();
      if (worker.challenge().isPresent()) {
        tries.add((market.now() - judged) / market.pace().cooldown());
        worker.answers(Digest.ZERO);
        market.draws();
        worker.opens();
        market.agree();
        judged = market.now();
      }
      market.jump(market.pace().gap());
    }

    assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 64L, 64L), tries);
  }

  @Test
  void whoPassesHasNothingOnItsRecord() {
    TestMarket market = seldom();
    TestWorker worker = refuted(market);
    market.pass(market.pace().cooldown());
    worker.asks();
    market.draws();
    passes(worker);

    assertEquals(0, market.state().proof(worker.key()).orElseThrow().misses());
  }

  @Test
  void whoMustProveItsHardwareTakesItsOwnersOthersAlong() {
    TestMarket market = seldom();
    TestWorker worker = refuted(market);
    List<TestWorker> others = List.of(gpu(market, 1), gpu(market, 2));
    market.pass(market.pace().cooldown());
    others.forEach(TestWorker::asks);
    market.draws();
    others.forEach(HardwareTest::passes);
    market.pass(market.pace().cooldown());

    worker.asks();
    List<Event> events = market.draws();

    assertEquals(3, TestMarket.only(Event.ChallengeDrawn.class, events).size());
  }

  @Test
  void anOwnersWorkersDoNotProveOneAfterTheOther() {
    TestMarket market = TestMarket.open(withGpus(Presets.challenging(64)));
    TestWorker first = gpu(market, 0);
    TestWorker second = gpu(market, 1);
    first.asks();
    market.draws();
    first.answers();
    second.asks();
    market.draws();
    assertEquals(Optional.empty(), second.challenge(), "proves when the other is done");

    first.opens();
    market.agree();
    List<Event> events = drawn(market);

    assertEquals(2, TestMarket.only(Event.ChallengeDrawn.class, events).size());
  }

  @Test
  void aBrokenBeaconsDrawIsMadeWithTheNext() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    while (market.state().clock().epoch() < 2) {
      market.pass(200);
    }
    market.withholds(Parties.validator(0));

    List<Event> events = market.draws();

    assertTrue(
        TestMarket.only(Event.BeaconTurned.class, events).stream().anyMatch(b -> !b.whole()));
    assertEquals(
        List.of(new PartsPerMillion(PartsPerMillion.ONE)),
        TestMarket.only(Event.ChallengesAwaited.class, events).stream()
            .map(Event.ChallengesAwaited::rate)
            .toList());
    assertTrue(worker.challenge().isPresent());
  }

  @Test
  void anAskInTheSlotOfADrawLeavesItsRateAlone() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    TestWorker other = market.workers(1).get(0);
    drawn(market);
    refutedBy(Unproven.LATE, worker, market.pass(1_200));
    market.pass(market.pace().cooldown());
    long epoch = market.state().clock().epoch();
    other.asks();
    while (market.state().clock().epoch() == epoch) {
      market.pass(200);
    }

    worker.asks();
    market.draws();

    assertTrue(worker.challenge().isPresent());
    assertTrue(other.challenge().isPresent());
  }

  @Test
  void aRefutedWorkerHandsBackItsAudits() {
    TestMarket market = TestMarket.open(Presets.challengingAndAudited());
    TestWorker trainer = market.asking(1).get(0);
    TestWorker auditor = market.auditor();
    TestJob job = market.job("j").rounds(1).shards(2).open();
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());
    trainer.works();
    market.draws();
    assertEquals(1, auditor.worker().duties().size());
    market.draws();
    while (auditor.challenge().isEmpty()) {
      market.jump(200);
    }

    List<Event> events = market.pass(1_200);

    refutedBy(Unproven.LATE, auditor, events);
    assertEquals(1, TestMarket.only(Event.AuditReturned.class, events).size());
    assertEquals(List.of(), auditor.worker().duties());
  }

  @Test
  void aChallengeThatIsMissedDoesNotShortenACooldown() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    drawn(market);
    TestMarket.accepted(worker.givesUp(Event.Failure.RUN_FAILED));
    long until = worker.worker().notBeforeMillis();

    refutedBy(Unproven.LATE, worker, market.pass(1_200));

    assertEquals(until, worker.worker().notBeforeMillis());
    market.refuse(Reason.COOLING_DOWN, worker.key(), new Command.PlaceAsk(UnitPrice.ZERO));
  }

  @Test
  void slotsHurryOnlyWhileAnAnswersTimeIsTaken() {
    TestMarket market = seldom();
    TestWorker worker = gpu(market);
    assertFalse(market.state().waits());
    worker.asks();
    market.draws();
    assertTrue(market.state().waits());
    worker.answers();
    market.draws();

    assertTrue(worker.challenge().orElseThrow().awaitsOpening());
    assertFalse(market.state().waits());
  }

  @Test
  void whoDoesNotOpenOrOpensWronglyProvesNothing() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    List<TestWorker> workers = market.asking(3);
    drawn(market);
    workers.get(0).answers();
    workers.get(1).answers(Digest.ZERO);
    workers.get(2).answers();
    market.draws();
    workers.get(1).opens();
    workers.get(2).opens(Digest.ZERO);

    List<Event> events = market.agree(Fact.Hardware.class::isInstance);
    refutedBy(Unproven.FALSE, workers.get(1), events);
    refutedBy(Unproven.FALSE, workers.get(2), events);
    refutedBy(Unproven.NOT_OPENED, workers.get(0), market.pass(1_400));
  }

  @Test
  void anOpeningThatIsNotInTheGridProvesNothing() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    opened(market, worker);

    refutedBy(
        Unproven.MISSING, worker, market.attest(asked(worker), judged(FactValue.Verdict.MISSING)));
  }

  @Test
  void oneValidatorAloneRefutesNobody() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    opened(market, worker);
    Command wrong = new Command.Attest(asked(worker), 0, judged(FactValue.Verdict.WRONG));
    Command right = new Command.Attest(asked(worker), 0, judged(FactValue.Verdict.RIGHT));

    market.accept(Parties.validator(0), wrong);
    market.accept(Parties.validator(1), right);
    assertTrue(worker.challenge().isPresent());
    market.accept(Parties.validator(2), right);

    assertTrue(market.state().proof(worker.key()).orElseThrow().valid());
  }

  @Test
  void whenTheValidatorsDoNotAgreeAllIsAsBefore() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    opened(market, worker);

    List<Event> events = new ArrayList<>();
    for (int view = 0; view < market.network().rules().bounds().views(); view++) {
      events.addAll(market.pass(market.pace().factView() + 200));
    }

    assertEquals(
        List.of(new Event.ChallengeDropped(worker.key())),
        TestMarket.only(Event.ChallengeDropped.class, events));
    assertEquals(Optional.empty(), market.state().proof(worker.key()));
    assertTrue(worker.worker().asks());
  }

  @Test
  void aLeaseGoesOnWhenItsWorkerFailsAChallenge() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").rounds(1).shards(1).open();
    drawn(market);
    refutedBy(Unproven.LATE, worker, market.pass(1_200));

    worker.works();
    market.finishRound();

    assertTrue(job.job().phase().ended());
    assertEquals(1, worker.worker().verified());
  }

  @Test
  void aBrokenBeaconDefersWhatIsOpened() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    drawn(market);
    market.withholds(Parties.validator(0));
    worker.answers();

    List<Event> events = market.draws();

    assertEquals(1, TestMarket.only(Event.OpeningDeferred.class, events).size());
    assertTrue(worker.challenge().orElseThrow().awaitsOpening());
  }

  @Test
  void aJumpOfTheClockIsNotTheWorkersTime() {
    TestMarket market = TestMarket.open(Presets.challenging(64));
    TestWorker worker = market.asking(1).get(0);
    drawn(market);

    market.jump(60_000);
    worker.answers();

    assertEquals(0, worker.challenge().orElseThrow().answer().orElseThrow().millis());
  }

  @Test
  void noMoreChallengesLiveThanTheRulesAllow() {
    TestMarket market = TestMarket.open(Presets.challenging(2));
    market.asking(5);

    assertEquals(2, TestMarket.only(Event.ChallengeDrawn.class, drawn(market)).size());
  }

  @Test
  void anOwnerForWhoseWorkersThereIsNoRoomWaitsWithAllOfThem() {
    TestMarket market = TestMarket.open(Presets.challenging(3));
    List<TestWorker> one = market.asking(2);
    List<TestWorker> two = market.asking(2);

    assertEquals(2, TestMarket.only(Event.ChallengeDrawn.class, drawn(market)).size());

    List<TestWorker> first = one.get(0).challenge().isPresent() ? one : two;
    List<TestWorker> left = first == one ? two : one;
    assertTrue(first.stream().allMatch(worker -> worker.challenge().isPresent()));
    assertTrue(left.stream().allMatch(worker -> worker.challenge().isEmpty()));
  }

  @Test
  void aMachineOfAnotherClassIsLeasedNothingBeforeItsFirstProof() {
    TestMarket market = seldom();
    TestWorker worker = gpu(market);
    worker.asks();
    TestJob job = market.job("j").on(GPU).open();
    assertEquals(Optional.empty(), worker.task());

    market.draws();
    passes(worker);

    assertTrue(worker.task().isPresent());
    assertFalse(job.job().phase().ended());
  }

  @Test
  void challengesThatTakeMoreThanAHundredthOfTheTimeAreNoRules() {
    Rules local = Rules.local();
    Rules.Proofs most = new Rules.Proofs(10, new PartsPerMillion(200_000), 2_000, 2, 1, 1, 1);
    Rules.Proofs more = new Rules.Proofs(10, new PartsPerMillion(200_001), 2_000, 2, 1, 1, 1);
    assertEquals(most, with(local, most).proofs());
    assertThrows(IllegalArgumentException.class, () -> with(local, more));
  }

  private static Rules with(Rules rules, Rules.Proofs proofs) {
    return new Rules(rules.pace(), rules.money(), rules.bounds(), rules.audits(), proofs);
  }

  private static Network withGpus(Rules rules) {
    Network cpu = TestNetwork.of(3, 2, rules);
    return new Network(
        cpu.chainId(),
        cpu.escrow(),
        cpu.stakeVault(),
        cpu.settlement(),
        cpu.token(),
        cpu.startBlock(),
        cpu.treasury(),
        cpu.validators(),
        cpu.beacons(),
        cpu.threshold(),
        List.of(
            cpu.classes().get(0),
            new Network.ClassTerms(GPU, TestNetwork.FIRST_PRICE, TestNetwork.PER_HOUR)),
        cpu.rules());
  }

  private static TestWorker gpu(TestMarket market) {
    return gpu(market, 0);
  }

  private static TestWorker gpu(TestMarket market, int slot) {
    Address owner = Parties.owner(50);
    Address key = Parties.worker(50, slot);
    market.chain().stake(owner, 5);
    market.sync();
    TestMarket.accepted(
        market.apply(
            market.envelope(key, new Command.RegisterWorker(owner, GPU, 1_024)),
            new Author(Optional.of(key), Optional.of(owner))));
    return new TestWorker(market, key, owner);
  }

  /** Until the next epoch has begun and its beacon is known. */
  private static List<Event> drawn(TestMarket market) {
    long epoch = market.state().clock().epoch();
    List<Event> events = new ArrayList<>();
    while (market.state().clock().epoch() < Math.max(2, epoch + 1)) {
      events.addAll(market.pass(200));
    }
    events.addAll(market.draws());
    return events;
  }

  /** A market where nobody is drawn by chance, or hardly ever. */
  private static TestMarket seldom() {
    return TestMarket.open(withGpus(Presets.challengingSeldom(1)));
  }

  /** A worker that did not answer in time, and asks nothing. */
  private static TestWorker refuted(TestMarket market) {
    TestWorker worker = gpu(market);
    worker.asks();
    market.draws();
    refutedBy(Unproven.LATE, worker, market.pass(1_200));
    return worker;
  }

  private static void passes(TestWorker worker) {
    worker.answers();
    worker.market().draws();
    worker.opens();
    worker.market().agree(Fact.Hardware.class::isInstance);
  }

  private static void opened(TestMarket market, TestWorker worker) {
    drawn(market);
    worker.answers();
    market.draws();
    worker.opens();
  }

  private static Fact asked(TestWorker worker) {
    return new Fact.Hardware(worker.key(), worker.challenge().orElseThrow().challenge().seed());
  }

  private static FactValue judged(FactValue.Verdict verdict) {
    return new FactValue.Judged(verdict);
  }

  private static void refutedBy(Unproven why, TestWorker worker, List<Event> events) {
    assertTrue(
        events.contains(new Event.HardwareRefuted(worker.key(), why)),
        () -> why + " of " + worker.key() + " is not in " + events);
    assertFalse(worker.market().state().proof(worker.key()).orElseThrow().valid());
    assertEquals(Optional.empty(), worker.worker().ask());
  }
}
