package io.shardex.scheduler.heart;

import io.shardex.market.Command;
import io.shardex.market.Outcome;
import io.shardex.market.Rules;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Seat;
import io.shardex.market.state.ValidatorTick;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.ValidatorVoice;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Beats once in every slot: soon after the slot opens while something waits for the next one, and
 * at the idle pace when nothing does. It holds nothing that a restart could lose: which slot is
 * open and whether this node has beaten in it stands in the state.
 */
public final class Heart extends AbstractBehavior<Heart.Message> {
  private static final Duration RETRY = Duration.ofMillis(500);

  /** Slots whose beats may be due side by side; with more the oldest is dropped. */
  private static final long BESIDE = 4;

  /** What the heart hears. */
  public sealed interface Message {}

  /** The state has changed. */
  public record Changed() implements Message {}

  /** The slot has been open for as long as a beat takes that something waits for. */
  private record Soon(long slot) implements Message {}

  private record Due(long slot) implements Message {}

  private record Said() implements Message {}

  private record Failed(long slot) implements Message {}

  private record Next(long slot, boolean hurries, Rules.Pace pace) {}

  /** What to say in a slot, and the chain to announce with it. */
  private record Words(Command.Beat beat, Optional<Command.NewChain> chain) {}

  private final MarketReplica replica;
  private final ValidatorVoice voice;
  private final InstantSource clock;
  private final LongSupplier finalBlock;
  private final BeaconPlaces places;
  private final TimerScheduler<Message> timers;
  private long slot = -1;
  private long soon = -1;
  private long said = -1;

  /**
   * A heart for one validator.
   *
   * @param finalBlock newest chain block this node holds for final, as far as it knows
   * @param chains makes the validator's hash chains by number
   */
  public static Behavior<Message> create(
      MarketReplica replica,
      ValidatorVoice voice,
      InstantSource clock,
      LongSupplier finalBlock,
      IntFunction<BeaconChain> chains) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Heart(
                        context,
                        replica,
                        voice,
                        clock,
                        finalBlock,
                        new BeaconPlaces(chains),
                        timers)));
  }

  private Heart(
      ActorContext<Message> context,
      MarketReplica replica,
      ValidatorVoice voice,
      InstantSource clock,
      LongSupplier finalBlock,
      BeaconPlaces places,
      TimerScheduler<Message> timers) {
    super(context);
    this.replica = replica;
    this.voice = voice;
    this.clock = clock;
    this.finalBlock = finalBlock;
    this.places = places;
    this.timers = timers;
    context.getSelf().tell(new Changed());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Changed.class, message -> plan())
        .onMessage(Soon.class, soon -> beatIfAwaited(soon.slot()))
        .onMessage(Due.class, due -> beat(due.slot()))
        .onMessage(Said.class, said -> this)
        .onMessage(Failed.class, failed -> again(failed.slot()))
        .build();
  }

  private Heart plan() {
    Optional<Next> next = replica.read(this::nextBeat);
    if (next.isEmpty()) {
      return this;
    }
    if (next.get().slot() > slot) {
      slot = next.get().slot();
      after(Duration.ofMillis(next.get().pace().beat()), slot, new Soon(slot));
    } else if (soon == slot && next.get().hurries()) {
      beat(slot);
    }
    return this;
  }

  /** The open slot, unless this validator has beaten in it. */
  private Optional<Next> nextBeat(MarketState state) {
    if (!state.isBorn()) {
      return Optional.empty();
    }
    ValidatorTick last = state.ticks().get(voice.address());
    long open = state.clock().slot();
    return last == null || last.slot() >= open
        ? Optional.empty()
        : Optional.of(new Next(open, state.waits(), state.rules().pace()));
  }

  private Heart beatIfAwaited(long due) {
    soon = Math.max(soon, due);
    if (replica.read(MarketState::waits)) {
      return beat(due);
    }
    Rules.Pace pace = replica.read(state -> state.rules().pace());
    after(Duration.ofMillis(Math.max(0, pace.idleBeat() - pace.beat())), due, new Due(due));
    return this;
  }

  /**
   * Leaves what is due in earlier slots: the others may open the next slot before, and a draw waits
   * for this one's place.
   */
  private void after(Duration pause, long slot, Message message) {
    timers.startSingleTimer(slot % BESIDE, message, pause);
  }

  private Heart beat(long due) {
    if (due <= said || replica.read(state -> isOver(state, due))) {
      return this;
    }
    said = due;
    Words words = replica.read(state -> words(state, due));
    // Its answer is not waited for: while the state does not hold it, each beat brings it again.
    words
        .chain()
        .ifPresent(
            chain -> {
              CompletableFuture<?> unused = voice.say(chain);
            });
    getContext()
        .pipeToSelf(
            voice.say(words.beat()),
            (written, failure) ->
                failure == null && written.outcome() instanceof Outcome.Accepted
                    ? new Said()
                    : new Failed(due));
    return this;
  }

  /** Nothing waits any more for what is told of a slot. */
  private static boolean isOver(MarketState state, long due) {
    return due + state.rules().audits().beaconSlots() <= state.clock().slot();
  }

  private Words words(MarketState state, long due) {
    Seat seat = state.seats().getOrDefault(voice.address(), Seat.EMPTY);
    int mostSteps = state.rules().audits().beaconSteps();
    return new Words(
        new Command.Beat(
            due,
            clock.millis(),
            finalBlock.getAsLong(),
            state.index(),
            state.hash(),
            // A forged snapshot with a later slot must not draw out places of slots to come.
            replica.isProven() ? places.of(seat, due, mostSteps) : Optional.empty()),
        places.next(seat, due, mostSteps));
  }

  private Heart again(long due) {
    if (due == slot) {
      said = due - 1;
      soon = due - 1;
      after(RETRY, slot, new Due(slot));
    }
    return this;
  }
}
