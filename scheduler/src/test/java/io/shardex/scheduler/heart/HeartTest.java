package io.shardex.scheduler.heart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Command;
import io.shardex.scheduler.StillActors;
import io.shardex.scheduler.replica.LocalLog;
import java.util.List;
import java.util.Optional;
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

  private ActorRef<Heart.Message> heart(LocalLog of, long finalBlock) {
    return actors.spawn(Heart.create(of.replica, of.voice, of.clock, () -> finalBlock, log::chain));
  }

  private List<Long> slots() {
    return log.said.stream().map(said -> ((Command.Beat) said).slot()).toList();
  }
}
