package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.state.LiveChallenge;
import io.shardex.protocol.key.SigningKey;
import io.shardex.scheduler.gateway.Ticket.Slot;
import io.shardex.scheduler.gateway.Ticket.Upload;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway asks of a challenged worker, and lets it put. */
class AskedChallengeTest {
  private static final Digest ROOT = Digest.sha256(new byte[] {1});
  private static final Digest OPENING = Digest.sha256(new byte[] {2});

  private final LocalMarket market = LocalMarket.challenging();
  private final BlobTickets tickets = new BlobTickets(1_000, 100);
  private final SigningKey worker = market.worker("w");
  private final Address key = worker.address();

  @AfterEach
  void close() {
    market.close();
  }

  @Test
  void aWorkerIsAskedToAnswerThenToOpenUntilItIsJudged() {
    LiveChallenge drawn = challenged();
    assertEquals(
        Optional.of(
            new AskedChallenge(drawn.challenge(), drawn.deadlineMillis(), Optional.empty())),
        asked());

    market.say(worker, new Command.AnswerChallenge(drawn.challenge().seed(), ROOT));
    assertEquals(Optional.empty(), asked());
    LiveChallenge answered = opening();
    assertTrue(answered.draw().isPresent());
    assertEquals(
        Optional.of(
            new AskedChallenge(answered.challenge(), answered.deadlineMillis(), answered.draw())),
        asked());

    market.say(worker, new Command.OpenChallenge(drawn.challenge().seed(), OPENING));
    assertTrue(asked().isPresent(), "a worker that was restarted must put its opening again");
    market.sync();
    assertEquals(Optional.empty(), asked());
  }

  @Test
  void aWorkerMayPutTheOpeningItSaidItWouldAndNothingElse() {
    LiveChallenge drawn = challenged();
    assertEquals(Optional.empty(), upload());
    market.say(worker, new Command.AnswerChallenge(drawn.challenge().seed(), ROOT));
    LiveChallenge unused = opening();
    assertEquals(Optional.empty(), upload());

    market.say(worker, new Command.OpenChallenge(drawn.challenge().seed(), OPENING));

    assertEquals(List.of(new Slot("opening", 1, Optional.of(OPENING))), upload().get().slots());
    ResultSlots slots = new ResultSlots();
    assertTrue(slots.take(key, upload().get().slots(), OPENING));
    assertTrue(!slots.take(key, upload().get().slots(), ROOT));
  }

  @Test
  void anOpeningDoesNotTakeTheRoomOfALeasesResult() {
    Slot lease = new Slot("j/1/0/1", 1, Optional.empty());
    Slot opening = new Slot("opening", 1, Optional.of(OPENING));
    ResultSlots slots = new ResultSlots();

    assertTrue(slots.take(key, List.of(lease, opening), OPENING));
    assertTrue(slots.take(key, List.of(lease, opening), ROOT));
    assertTrue(!slots.take(key, List.of(lease, opening), Digest.ZERO));
  }

  private LiveChallenge challenged() {
    market.asks(worker);
    for (int slot = 0; live().isEmpty(); slot++) {
      assertTrue(slot < 100, "nobody is challenged");
      market.sync();
    }
    return live().get();
  }

  private LiveChallenge opening() {
    for (int slot = 0; live().filter(LiveChallenge::awaitsOpening).isEmpty(); slot++) {
      assertTrue(slot < 10, "no beacon says what to open");
      market.sync();
    }
    return live().get();
  }

  private Optional<LiveChallenge> live() {
    return market.read(state -> state.challenge(key));
  }

  private Optional<AskedChallenge> asked() {
    return market.read(state -> AskedChallenge.of(state, key));
  }

  private Optional<Upload> upload() {
    return market.read(state -> tickets.of(state, key)).upload();
  }
}
