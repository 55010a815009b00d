package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.DrawCause;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Draw;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Seat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BeaconTest {
  private static final Address WITHHOLDER = Parties.validator(2);

  /**
   * A market where only chance or a broken beacon calls for an audit, and a worker with a lease.
   */
  private final TestMarket market = TestMarket.open(Presets.withProbation(0));

  private final List<TestWorker> workers = market.asking(2);
  private final TestWorker worker = workers.get(0);
  private final TestWorker auditor = market.auditor();

  private static Seat seat(TestMarket market, Address validator) {
    return Optional.ofNullable(market.state().seats().get(validator)).orElseThrow();
  }

  private void beat(int validator) {
    Address key = Parties.validator(validator);
    market.accept(key, market.beatOf(key, market.state().clock().slot(), market.clockMillis()));
  }

  @Test
  void whenAPlaceIsWithheldAllThatWaitsForItIsAudited() {
    TestJob job = market.job("j").shards(2).open();
    market.withholds(WITHHOLDER);
    workers.forEach(TestWorker::works);
    List<Event> events = market.draws();
    assertEquals(
        List.of(DrawCause.BEACON_BROKEN, DrawCause.BEACON_BROKEN),
        TestMarket.only(Event.AuditDrawn.class, events).stream()
            .map(Event.AuditDrawn::cause)
            .toList());
    assertFalse(TestMarket.only(Event.BeaconTurned.class, events).get(0).whole());
    assertEquals(ResultPhase.DRAWN, job.phaseOf(0));
    assertEquals(auditor.key(), market.auditor(job.result(0).id()).key());
  }

  @Test
  void whoWithholdsStandsAsideUntilTheNextEpochAndThenComesBack() {
    market.job("j").shards(2).rounds(2).open();
    market.withholds(WITHHOLDER);
    worker.works();
    List<Event> events = market.draws();
    assertEquals(1, TestMarket.only(Event.BeaconLeft.class, events).size());
    assertFalse(seat(market, WITHHOLDER).member());

    // It reveals again, but until the epoch ends nobody waits for it.
    market.reveals(WITHHOLDER);
    workers.get(1).works();
    Draw draw = market.state().draws().firstEntry().getValue();
    assertEquals(List.of(Parties.validator(0), Parties.validator(1)), draw.members());
    assertFalse(seat(market, WITHHOLDER).member());
    events = market.pass(market.pace().epoch());
    assertTrue(events.contains(new Event.BeaconJoined(WITHHOLDER)));
    assertTrue(seat(market, WITHHOLDER).member());
  }

  @Test
  void whoGoesOnWithholdingStaysAside() {
    market.job("j").open();
    market.withholds(WITHHOLDER);
    worker.works();
    market.draws();
    market.pass(3 * market.pace().epoch());
    assertFalse(seat(market, WITHHOLDER).member());
  }

  @Test
  void aPlaceOfAnotherSlotOrChainIsRefused() {
    Address key = Parties.validator(0);
    long slot = market.state().clock().slot();
    List<Optional<Digest>> wrong =
        List.of(
            market.placeOf(key, slot + 1),
            market.placeOf(key, slot - 1),
            market.placeOf(Parties.validator(1), slot),
            Places.place(key, 1, slot + 1));
    for (Optional<Digest> place : wrong) {
      assertTrue(place.isPresent());
      market.refuse(
          Reason.BEACON_MISMATCH,
          key,
          new Command.Beat(slot, market.clockMillis(), 0, 0, Digest.ZERO, place));
    }
    beat(0);
  }

  @Test
  void theLaterPlaceOfALateMemberShowsTheOneItOwes() {
    market.job("j").open();
    long committed = market.state().clock().slot();
    worker.works();
    beat(0);
    beat(1);
    assertEquals(committed + 1, market.state().clock().slot());
    beat(0);
    beat(1);
    assertEquals(committed + 2, market.state().clock().slot());
    assertTrue(market.state().draws().containsKey(committed + 1));
    List<Event> events =
        market.accept(WITHHOLDER, market.beatOf(WITHHOLDER, committed + 2, market.clockMillis()));
    Event.BeaconTurned turned = TestMarket.only(Event.BeaconTurned.class, events).get(0);
    assertEquals(committed + 1, turned.slot());
    assertTrue(turned.whole());
    assertEquals(
        HashChain.beacon(
            committed + 1,
            java.util.Map.of(
                Parties.validator(0),
                place(0, committed + 1),
                Parties.validator(1),
                place(1, committed + 1),
                WITHHOLDER,
                place(2, committed + 1))),
        turned.beacon());
  }

  private static Digest place(int validator, long slot) {
    return Places.place(Parties.validator(validator), 0, slot + 1).orElseThrow();
  }

  @Test
  void nobodyCanKnowADrawBeforeTheSlotAfterTheCommitmentHasOpened() {
    TestJob job = market.job("j").open();
    long open = market.state().clock().slot();
    beat(0);
    worker.works();
    assertEquals(open + 1, job.result(0).audit().slot());
    for (Seat seat : market.state().seats().values()) {
      assertTrue(seat.slot() <= open);
    }
    Address eager = Parties.validator(1);
    market.refuse(Reason.STALE_SLOT, eager, market.beatOf(eager, open + 1, market.clockMillis()));
    beat(1);
    assertEquals(open + 1, market.state().clock().slot());
    beat(0);
    beat(2);
    assertEquals(ResultPhase.WAITING, job.phaseOf(0));
    beat(1);
    assertNotEquals(ResultPhase.WAITING, job.phaseOf(0));
  }

  @Test
  void withFewerMembersThanMustAgreeEverythingIsAudited() {
    TestMarket bare =
        TestMarket.open(
            TestNetwork.of(
                List.of(Parties.validator(0), Parties.validator(1), Parties.validator(2)),
                List.of(),
                2,
                Presets.withProbation(0)));
    TestWorker only = bare.asking(1).get(0);
    bare.auditor();
    TestJob job = bare.job("j").open();
    only.works();
    List<Event> events = bare.draws();
    assertEquals(
        DrawCause.BEACON_BROKEN, TestMarket.only(Event.AuditDrawn.class, events).get(0).cause());
    bare.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
  }

  @Test
  void aNewChainActsTwoEpochsLaterAndNotBefore() {
    Address key = Parties.validator(0);
    long epoch = market.state().clock().epoch();
    market.accept(key, new Command.NewChain(1, Places.tip(key, 1)));
    while (market.state().clock().epoch() < epoch + 2) {
      assertEquals(0, seat(market, key).number());
      market.jump(market.pace().beat());
    }
    assertEquals(1, seat(market, key).number());
    assertEquals(market.state().clock().slot() - 1, seat(market, key).start());
    assertTrue(market.placeOf(key, market.state().clock().slot()).isPresent());
    market.beat();
    assertEquals(market.state().clock().slot() - 1, seat(market, key).slot());
  }

  @Test
  void aChainComesOnlyAfterTheOneBeforeIt() {
    Address key = Parties.validator(0);
    for (int number : new int[] {0, 2, -1}) {
      market.refuse(Reason.BEACON_MISMATCH, key, new Command.NewChain(number, Places.tip(key, 1)));
    }
    market.refuse(
        Reason.NOT_A_VALIDATOR, worker.key(), new Command.NewChain(0, Places.tip(key, 1)));
  }

  @Test
  void validatorsThatStartWithoutChainsAnnounceThem() {
    TestMarket bare =
        TestMarket.open(
            TestNetwork.of(
                List.of(Parties.validator(0), Parties.validator(1), Parties.validator(2)),
                List.of(),
                2,
                Presets.withProbation(0)));
    for (Address key : bare.network().validators()) {
      bare.accept(key, new Command.NewChain(0, Places.tip(key, 0)));
    }
    bare.pass(3 * bare.pace().epoch());
    TestWorker only = bare.asking(1).get(0);
    bare.job("j").open();
    only.works();
    assertTrue(TestMarket.only(Event.BeaconTurned.class, bare.draws()).get(0).whole());
  }

  @Test
  void aChainThatFellTooFarBehindIsNoChainUntilANewOneActs() {
    TestMarket strict = TestMarket.open(Presets.withCheckpoint(1_000, 4));
    strict.withholds(WITHHOLDER);
    for (int slots = 0; slots < 5; slots++) {
      strict.beat();
    }
    strict.reveals(WITHHOLDER);
    long slot = strict.state().clock().slot();
    strict.refuse(
        Reason.BEACON_MISMATCH, WITHHOLDER, strict.beatOf(WITHHOLDER, slot, strict.clockMillis()));
    strict.withholds(WITHHOLDER);
    strict.accept(WITHHOLDER, new Command.NewChain(1, Places.tip(WITHHOLDER, 1)));
    strict.pass(3 * strict.pace().epoch());
    strict.reveals(WITHHOLDER);
    assertEquals(1, seat(strict, WITHHOLDER).number());
  }

  @Test
  void anHonestMemberDoesNotLeaveForAPlaceBeforeItsNewChainsStart() {
    Address late = Parties.validator(2);
    long epoch = market.state().clock().epoch();
    market.accept(late, new Command.NewChain(1, Places.tip(late, 1)));
    while (market.state().clock().epoch() <= epoch) {
      market.jump(market.pace().beat());
    }
    market.job("j").open();
    long untilTurn = market.state().clock().epochEndsMillis() - market.now();
    market.pass(untilTurn - 1);
    worker.works();
    beat(0);
    beat(1);
    market.letPass(1);
    beat(0);
    beat(1);
    assertEquals(1, seat(market, late).number());
    List<Event> events = market.draws();
    assertEquals(List.of(), TestMarket.only(Event.BeaconLeft.class, events));
    assertTrue(seat(market, late).member());
  }

  @Test
  void oneMemberAloneMakesNoBeaconThatMaySpare() {
    market.job("j").shards(2).open();
    market.withholds(Parties.validator(1));
    market.withholds(WITHHOLDER);
    worker.works();
    market.draws();
    workers.get(1).works();
    assertEquals(
        List.of(Parties.validator(0)), market.state().draws().firstEntry().getValue().members());
    List<Event> events = market.draws();
    assertFalse(TestMarket.only(Event.BeaconTurned.class, events).get(0).whole());
    assertEquals(
        Event.DrawCause.BEACON_BROKEN,
        TestMarket.only(Event.AuditDrawn.class, events).get(0).cause());
  }
}
