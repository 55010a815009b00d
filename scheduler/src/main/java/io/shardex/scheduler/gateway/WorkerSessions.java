package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.TaskId;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Worker;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.gateway.WorkerSession.Look;
import io.shardex.scheduler.gateway.WorkerSession.Pace;
import io.shardex.scheduler.gateway.WorkerSession.Suspected;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.MailboxSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/** The sessions of the workers connected here: hands each what the log says of its worker. */
final class WorkerSessions extends AbstractBehavior<WorkerSessions.Message> {
  private static final int MAILBOX = 1_024;
  private static final long FASTEST_BEAT_MILLIS = 50;
  private static final int BEATS_IN_SILENCE = 5;

  /** What the sessions hear. */
  sealed interface Message {}

  /** For the session of one worker, which is made when its agent connects. */
  record For(Address worker, WorkerSession.Message message) implements Message {}

  /** From the feed of committed events. */
  record FromLog(Committed committed) implements Message {}

  private record Ended(Address worker, ActorRef<WorkerSession.Message> session)
      implements Message {}

  private final MarketPort market;
  private final LiveProgress progress;
  private final Map<Address, ActorRef<WorkerSession.Message>> sessions = new HashMap<>();

  /** Which connected worker trains what, so that a committed result finds its session. */
  private final Map<TaskId, Address> holders = new HashMap<>();

  static Behavior<Message> create(MarketPort market, LiveProgress progress) {
    return Behaviors.setup(context -> new WorkerSessions(context, market, progress));
  }

  private WorkerSessions(ActorContext<Message> context, MarketPort market, LiveProgress progress) {
    super(context);
    this.market = market;
    this.progress = progress;
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(For.class, this::pass)
        .onMessage(FromLog.class, this::hear)
        .onMessage(Ended.class, this::forget)
        .build();
  }

  private Behavior<Message> pass(For to) {
    if (to.message() instanceof WorkerSession.Connected && !sessions.containsKey(to.worker())) {
      open(to.worker());
    }
    tell(to.worker(), to.message());
    return this;
  }

  private void open(Address worker) {
    ActorRef<WorkerSession.Message> session =
        getContext()
            .spawnAnonymous(
                WorkerSession.create(worker, market, progress, market.read(WorkerSessions::pace)),
                MailboxSelector.bounded(MAILBOX));
    getContext().watchWith(session, new Ended(worker, session));
    sessions.put(worker, session);
    market
        .read(state -> state.worker(worker).flatMap(Worker::lease))
        .ifPresent(task -> holders.put(task, worker));
  }

  private Behavior<Message> hear(FromLog fromLog) {
    switch (fromLog.committed()) {
      case Committed.Happened happened -> happened.events().forEach(this::route);
      case Committed.Resync resync -> resync();
    }
    return this;
  }

  private void route(Event event) {
    switch (event) {
      case Event.LeaseGranted granted -> {
        if (sessions.containsKey(granted.worker())) {
          holders.put(granted.task(), granted.worker());
          tell(granted.worker(), new Look("MOVED"));
        }
      }
      case Event.LeaseFailed failed -> {
        holders.remove(failed.task());
        tell(failed.worker(), new Look(failed.why().name()));
      }
      case Event.ResultCommitted committed -> committed(committed.task());
      case Event.DivergenceCommitted committed -> committed(committed.task());
      case Event.AuditSealed sealed -> {
        committed(sealed.audit());
        market
            .read(state -> state.result(sealed.audit()).map(result -> result.claim().worker()))
            .ifPresent(worker -> tell(worker, new Look("MOVED")));
      }
      case Event.AuditMissed missed -> {
        holders.remove(missed.audit());
        tell(missed.auditor(), new Look("EXPIRED"));
      }
      case Event.SilenceReported silent ->
          tell(silent.worker(), new Suspected(silent.deadlineMillis()));
      case Event.ChallengeDrawn drawn -> tell(drawn.worker(), new Look("MOVED"));
      case Event.OpeningDrawn drawn -> tell(drawn.worker(), new Look("MOVED"));
      // Nothing else touches a lease or a proof.
      case Event other -> {}
    }
  }

  private void committed(TaskId task) {
    Optional.ofNullable(holders.remove(task))
        .ifPresent(worker -> tell(worker, new Look("COMMITTED")));
  }

  private void resync() {
    holders.clear();
    holders.putAll(market.read(this::leases));
    sessions.values().forEach(session -> session.tell(new Look("MOVED")));
  }

  private Map<TaskId, Address> leases(MarketState state) {
    Map<TaskId, Address> found = new HashMap<>();
    for (Address worker : sessions.keySet()) {
      state.worker(worker).flatMap(Worker::lease).ifPresent(task -> found.put(task, worker));
    }
    return found;
  }

  private Behavior<Message> forget(Ended ended) {
    sessions.remove(ended.worker(), ended.session());
    holders.values().removeIf(ended.worker()::equals);
    return this;
  }

  private void tell(Address worker, WorkerSession.Message message) {
    Optional.ofNullable(sessions.get(worker)).ifPresent(session -> session.tell(message));
  }

  /** Several heartbeats fit into the silence that the rules allow. */
  private static Pace pace(MarketState state) {
    long silence = state.rules().pace().silence();
    return new Pace(
        Duration.ofMillis(Math.max(FASTEST_BEAT_MILLIS, silence / BEATS_IN_SILENCE)),
        Duration.ofMillis(silence));
  }
}
