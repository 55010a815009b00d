package io.shardex.scheduler.heart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.state.Seat;
import io.shardex.scheduler.StillActors;
import io.shardex.scheduler.replica.LocalLog;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartTest {
  private static final long BEAT = 200;
  private static final long IDLE = 2_000;

  private final StillActors actors = new StillActors();
  private final LocalLog log = new LocalLog();

  @AfterEach
  void close() {
    actors.close();
  }

  @Test
  void itBeatsOnceASlotAtTheIdlePaceWhileNothingWaits() {
    ActorRef<Heart.Message> heart = heart(log.born(), 0);
    actors.pass(IDLE - 1);
    assertEquals(List.of(), slots());
    actors.pass(1);
    assertEquals(List.of(0L), slots());
    heart.tell(new Heart.Changed());
    actors.pass(10 * IDLE);
    assertEquals(List.of(0L), slots());
    log.fellowBeats(0);
    heart.tell(new Heart.Changed());
    actors.pass(IDLE);
    assertEquals(List.of(0L, 1L), slots());
  }

  @Test
  void itTellsItsClockItsFinalBlockAndItsHash() {
    ActorRef<Heart.Message> unused = heart(log.born(), 7);
    var hash = log.replica.read(state -> state.hash());
    actors.pass(IDLE);
    assertEquals(
        List.of(new Command.Beat(0, LocalLog.NOW, 7, 0, hash, Optional.of(log.chain(0).place(1)))),
        log.said);
  }

  @Test
  void itDoesNotBeatBeforeTheNetworkIsBorn() {
    ActorRef<Heart.Message> heart = heart(log, 0);
    actors.pass(IDLE);
    assertEquals(List.of(), slots());
    log.born();
    heart.tell(new Heart.Changed());
    actors.pass(IDLE);
    assertEquals(List.of(0L), slots());
  }

  @Test
  void itHurriesWhenSomethingWaits() {
    ActorRef<Heart.Message> heart = heart(log.born(), 10);
    log.fellowBeats(10);
    actors.pass(IDLE); // opens slot 1, and with it the question what blocks 1 to 10 hold
    heart.tell(new Heart.Changed());
    actors.pass(BEAT - 1);
    assertEquals(List.of(0L), slots());
    actors.pass(1);
    assertEquals(List.of(0L, 1L), slots());
  }

  @Test
  void whatBeginsToWaitInAnOldSlotIsHurriedForAtOnce() {
    ActorRef<Heart.Message> heart = heart(log.born(), 10);
    log.fellowBeats(10);
    actors.pass(IDLE); // opens slot 1
    JobId job = new JobId(Digest.sha256(new byte[0]));
    log.deposited(List.of(job));
    heart.tell(new Heart.Changed());
    actors.pass(BEAT);
    heart.tell(new Heart.Changed());
    assertEquals(List.of(0L), slots());
    log.submitted(job);
    heart.tell(new Heart.Changed());
    assertEquals(List.of(0L, 1L), slots());
  }

  @Test
  void aRefusedBeatIsNotRepeatedBeforeItsTime() {
    ActorRef<Heart.Message> heart = heart(log.born(), 10);
    log.fellowBeats(10);
    actors.pass(IDLE); // opens slot 1, for whose end a question waits
    log.refuses(true);
    heart.tell(new Heart.Changed());
    actors.pass(BEAT);
    heart.tell(new Heart.Changed());
    heart.tell(new Heart.Changed());
    assertEquals(List.of(0L, 1L), slots());
    actors.pass(500);
    assertEquals(List.of(0L, 1L, 1L), slots());
  }

  @Test
  void itBeatsInASlotThatTheOthersHaveLeftMeanwhile() {
    LocalLog three = new LocalLog(true, 3);
    ActorRef<Heart.Message> heart = heart(three.born(), 0);
    actors.pass(IDLE - 1);
    three.fellowsBeat(); // opens slot 1
    heart.tell(new Heart.Changed());
    actors.pass(1);
    assertEquals(List.of(0L), slots(three));
    actors.pass(IDLE - 1);
    assertEquals(List.of(0L, 1L), slots(three));
  }

  @Test
  void itIsSilentAboutSlotsThatAreLongOver() {
    LocalLog three = new LocalLog(true, 3);
    ActorRef<Heart.Message> heart = heart(three.born(), 0);
    for (int slot = 0; slot < 10; slot++) {
      three.fellowsBeat();
      heart.tell(new Heart.Changed());
    }
    actors.pass(10 * IDLE);
    assertEquals(10L, slots(three).getLast());
    assertTrue(slots(three).getFirst() >= 9, slots(three).toString());
  }

  @Test
  void aBeatThatTheLogRefusesIsRepeated() {
    log.refuses(true);
    ActorRef<Heart.Message> unused = heart(log.born(), 0);
    actors.pass(IDLE);
    actors.pass(500);
    assertEquals(List.of(0L, 0L), slots());
    log.refuses(false);
    actors.pass(500);
    actors.pass(10 * IDLE);
    assertEquals(List.of(0L, 0L, 0L), slots());
  }

  @Test
  void thePlaceOfASlotLeavesOnlyWithThatSlotsBeat() {
    ActorRef<Heart.Message> heart = heart(log.born(), 0);
    log.refuses(true);
    actors.pass(IDLE);
    actors.pass(500);
    log.refuses(false);
    actors.pass(500);
    for (int slot = 1; slot < 5; slot++) {
      log.fellowBeats(0);
      heart.tell(new Heart.Changed());
      actors.pass(IDLE);
    }

    assertEquals(List.of(0L, 0L, 0L, 1L, 2L, 3L, 4L), slots());
    assertEquals(places(0, 0, 0, 1, 2, 3, 4), told());
    assertEquals(4, seat().slot());
  }

  @Test
  void aHeartThatStartsAgainGoesOnWithTheSameChain() {
    ActorRef<Heart.Message> before = heart(log.born(), 0);
    actors.pass(IDLE);
    actors.stop(before);
    log.fellowBeats(0);

    ActorRef<Heart.Message> unused = heart(log, 0);
    actors.pass(IDLE);

    assertEquals(places(0, 1), told());
    assertEquals(1, seat().slot());
    assertEquals(0, seat().number());
  }

  @Test
  void aHeartWithoutAChainAnnouncesItUntilTheMarketHoldsItAndNoMore() {
    LocalLog bare = new LocalLog(false);
    Command first = new Command.NewChain(0, bare.chain(0).tip());
    bare.refuses(true);
    ActorRef<Heart.Message> heart = heart(bare.born(), 0);
    actors.pass(IDLE);
    bare.refuses(false);
    actors.pass(500);
    bare.fellowBeats(0);
    heart.tell(new Heart.Changed());
    actors.pass(IDLE);

    assertEquals(List.of(first, first), bare.said.stream().filter(first::equals).toList());
    List<Command.Beat> beats = beats(bare);
    assertEquals(List.of(0L, 0L, 1L), beats.stream().map(Command.Beat::slot).toList());
    assertEquals(0, beats.stream().filter(beat -> beat.preimage().isPresent()).count());
  }

  private Seat seat() {
    return Objects.requireNonNull(
        log.replica.read(state -> state.seats().get(log.voice.address())));
  }

  /** The place of slot 0 is the chain's first after its tip. */
  private List<Optional<Digest>> places(long... slots) {
    return LongStream.of(slots)
        .mapToObj(slot -> Optional.of(log.chain(0).place(slot + 1)))
        .toList();
  }

  private List<Optional<Digest>> told() {
    return beats(log).stream().map(Command.Beat::preimage).toList();
  }

  private static List<Command.Beat> beats(LocalLog of) {
    return of.said.stream()
        .filter(Command.Beat.class::isInstance)
        .map(Command.Beat.class::cast)
        .toList();
  }

  private ActorRef<Heart.Message> heart(LocalLog of, long finalBlock) {
    return actors.spawn(Heart.create(of.replica, of.voice, of.clock, () -> finalBlock, of::chain));
  }

  private List<Long> slots() {
    return slots(log);
  }

  private static List<Long> slots(LocalLog of) {
    return beats(of).stream().map(Command.Beat::slot).toList();
  }
}
