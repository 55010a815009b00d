package io.shardex.scheduler.settle;

import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.SealedBatch;
import io.shardex.scheduler.replica.MarketReplica;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends signed batches to the chain until the chain's confirmation is in the log. The log is its
 * queue: a restart, a lost transaction or a chain that was away for a while only delay it. Every
 * node has one; the nodes take turns, so that in the good case only one of them pays gas.
 */
public final class SettlementOutbox extends AbstractBehavior<SettlementOutbox.Message> {
  private static final Logger log = LoggerFactory.getLogger(SettlementOutbox.class);
  private static final Duration AGAIN = Duration.ofSeconds(10);

  /** What the outbox hears. */
  public sealed interface Message {}

  /** The state has changed. */
  public record Changed() implements Message {}

  private record Turn(long batch) implements Message {}

  private record Sent(long batch) implements Message {}

  /** The way to the settlement contract. */
  @FunctionalInterface
  public interface Chain {
    /**
     * Settles the batch, or sees that it is settled. Blocks; throws if the chain did not take it.
     */
    void settle(SealedBatch batch);
  }

  private final MarketReplica replica;
  private final Chain chain;
  private final Executor calls;
  private final Duration turn;
  private final TimerScheduler<Message> timers;
  private long planned;

  /**
   * An outbox.
   *
   * @param calls runs calls to the chain, which block
   * @param turn how long this node waits for the others to send first; zero for the first node
   */
  public static Behavior<Message> create(
      MarketReplica replica, Chain chain, Executor calls, Duration turn) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new SettlementOutbox(context, replica, chain, calls, turn, timers)));
  }

  private SettlementOutbox(
      ActorContext<Message> context,
      MarketReplica replica,
      Chain chain,
      Executor calls,
      Duration turn,
      TimerScheduler<Message> timers) {
    super(context);
    this.replica = replica;
    this.chain = chain;
    this.calls = calls;
    this.turn = turn;
    this.timers = timers;
    context.getSelf().tell(new Changed());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Changed.class, changed -> plan())
        .onMessage(Turn.class, this::send)
        .onMessage(Sent.class, this::checkLater)
        .build();
  }

  private SettlementOutbox plan() {
    Optional<SealedBatch> newest = replica.read(SettlementOutbox::newestSigned);
    if (newest.isPresent() && newest.get().batch().id() > planned) {
      planned = newest.get().batch().id();
      timers.startSingleTimer("turn", new Turn(planned), turn);
    }
    return this;
  }

  /** The newest says everything the older ones do. */
  private static Optional<SealedBatch> newestSigned(MarketState state) {
    return state.batches().descendingMap().values().stream()
        .filter(batch -> batch.phase() == BatchPhase.SIGNED)
        .findFirst();
  }

  private SettlementOutbox send(Turn due) {
    Optional<SealedBatch> batch =
        replica
            .read(SettlementOutbox::newestSigned)
            .filter(signed -> signed.batch().id() == due.batch());
    ActorRef<Message> self = getContext().getSelf();
    batch.ifPresent(
        signed ->
            calls.execute(
                () -> {
                  try {
                    chain.settle(signed);
                  } catch (RuntimeException e) {
                    log.warn(
                        "batch {} is not settled yet: {}", signed.batch().id(), e.getMessage());
                  }
                  self.tell(new Sent(signed.batch().id()));
                }));
    return this;
  }

  /** Unless a newer batch has been signed meanwhile: that one waits for its turn. */
  private SettlementOutbox checkLater(Sent sent) {
    if (sent.batch() == planned) {
      timers.startSingleTimer("turn", new Turn(sent.batch()), AGAIN);
    }
    return this;
  }
}
