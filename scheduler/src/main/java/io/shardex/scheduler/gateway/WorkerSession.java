package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Worker;
import io.shardex.protocol.wire.AliveAsked;
import io.shardex.protocol.wire.Heartbeat;
import io.shardex.protocol.wire.LeaseGone;
import io.shardex.protocol.wire.NodeMessage;
import io.shardex.protocol.wire.Welcome;
import io.shardex.protocol.wire.WireValues;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One connected worker. Whatever happens to its lease, it looks at the state and tells the agent
 * the difference to what it told before; so a missed or doubled event does no harm. When the stream
 * is gone for the silence that the rules allow, and the worker still holds a lease, it is reported.
 */
final class WorkerSession extends AbstractBehavior<WorkerSession.Message> {
  /** Heartbeats missed before the stream counts as dead. */
  private static final int MISSED = 4;

  private static final String MOVED = "MOVED";

  /** What a session hears. */
  sealed interface Message {}

  /** The agent has opened a stream; an older one is hung up. */
  record Connected(AgentLine line) implements Message {}

  /** The agent beats. */
  record Heard(AgentLine line, Heartbeat beat) implements Message {}

  /** A stream is gone. */
  record Gone(AgentLine line) implements Message {}

  /**
   * Something may have happened to the worker's lease.
   *
   * @param why what to say if a lease is over
   */
  record Look(String why) implements Message {}

  /** The worker was reported silent. */
  record Suspected(long deadlineMillis) implements Message {}

  private record Late(AgentLine line) implements Message {}

  private record Silent() implements Message {}

  /** How often an agent beats, and how long it may be away. */
  record Pace(Duration heartbeat, Duration silence) {}

  private final Address worker;
  private final MarketPort market;
  private final LiveProgress progress;
  private final Pace pace;
  private final TimerScheduler<Message> timers;
  private Optional<AgentLine> line = Optional.empty();
  private Optional<CurrentLease> told = Optional.empty();
  private Set<AskedReveal> toldReveals = Set.of();
  private Optional<AskedChallenge> toldChallenge = Optional.empty();

  static Behavior<Message> create(
      Address worker, MarketPort market, LiveProgress progress, Pace pace) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new WorkerSession(context, worker, market, progress, pace, timers)));
  }

  private WorkerSession(
      ActorContext<Message> context,
      Address worker,
      MarketPort market,
      LiveProgress progress,
      Pace pace,
      TimerScheduler<Message> timers) {
    super(context);
    this.worker = worker;
    this.market = market;
    this.progress = progress;
    this.pace = pace;
    this.timers = timers;
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Connected.class, this::connect)
        .onMessage(Heard.class, this::hear)
        .onMessage(Gone.class, gone -> lose(gone.line()))
        .onMessage(Look.class, look -> look(look.why()))
        .onMessage(Suspected.class, this::suspect)
        .onMessage(Late.class, this::hangUp)
        .onMessage(Silent.class, silent -> report())
        .build();
  }

  private Behavior<Message> connect(Connected connected) {
    line.ifPresent(old -> old.hangUp("the worker's agent has connected again"));
    line = Optional.of(connected.line());
    timers.cancel(Silent.class);
    awaitBeat(connected.line());
    told.ifPresent(lease -> progress.forget(lease.task()));
    told = current();
    send(
        NodeMessage.newBuilder()
            .setWelcome(
                Welcome.newBuilder()
                    .setHeartbeatMillis((int) pace.heartbeat().toMillis())
                    .setLeased(told.isPresent())));
    told.ifPresent(this::offer);
    toldReveals = Set.of();
    toldChallenge = Optional.empty();
    askForReveals();
    askForProof();
    connected.line().more();
    return this;
  }

  private Behavior<Message> hear(Heard heard) {
    if (line.filter(heard.line()::equals).isEmpty()) {
      return this;
    }
    awaitBeat(heard.line());
    if (!heard.beat().getTask().isEmpty()) {
      try {
        note(heard.beat());
      } catch (MalformedBytes e) {
        heard.line().hangUp("a heartbeat names no task: " + e.getMessage());
        return lose(heard.line());
      }
    }
    heard.line().more();
    // What the mailbox may have dropped under load is made good here.
    return look(MOVED);
  }

  private void note(Heartbeat beat) {
    TaskId task = WireValues.value(ValueCodecs.TASK_ID, beat.getTask());
    boolean current =
        told.filter(lease -> lease.task().equals(task) && lease.fence() == beat.getFence())
            .isPresent();
    if (current && beat.getStep() >= 0 && beat.getStep() <= beat.getSteps()) {
      progress.heard(worker, task, beat);
    }
  }

  private Behavior<Message> look(String why) {
    Optional<CurrentLease> now = current();
    if (told.isPresent() && !told.get().isSameAs(now)) {
      drop(told.get(), why);
    }
    boolean isNew = now.isPresent() && !now.get().isSameAs(told);
    told = now;
    if (isNew) {
      now.ifPresent(this::offer);
    }
    askForReveals();
    askForProof();
    return this;
  }

  private void askForProof() {
    Optional<AskedChallenge> asked = market.read(state -> AskedChallenge.of(state, worker));
    if (!asked.equals(toldChallenge)) {
      asked.ifPresent(
          challenge -> send(NodeMessage.newBuilder().setChallengeAsked(challenge.message())));
    }
    toldChallenge = asked;
  }

  private void askForReveals() {
    List<AskedReveal> asked = market.read(state -> AskedReveal.of(state, worker));
    for (AskedReveal reveal : asked) {
      if (!toldReveals.contains(reveal)) {
        send(NodeMessage.newBuilder().setRevealAsked(reveal.message()));
      }
    }
    toldReveals = Set.copyOf(asked);
  }

  private Behavior<Message> suspect(Suspected suspected) {
    send(
        NodeMessage.newBuilder()
            .setAliveAsked(AliveAsked.newBuilder().setDeadlineMillis(suspected.deadlineMillis())));
    return this;
  }

  private Behavior<Message> hangUp(Late late) {
    late.line().hangUp("no heartbeat came");
    return lose(late.line());
  }

  private Behavior<Message> lose(AgentLine gone) {
    if (line.filter(gone::equals).isPresent()) {
      line = Optional.empty();
      timers.cancel(Late.class);
      timers.startSingleTimer(Silent.class, new Silent(), pace.silence());
    }
    return this;
  }

  private Behavior<Message> report() {
    if (current().isPresent() || asks()) {
      market.reportSilent(worker);
    }
    told.ifPresent(lease -> progress.forget(lease.task()));
    return Behaviors.stopped();
  }

  private void awaitBeat(AgentLine from) {
    timers.startSingleTimer(Late.class, new Late(from), pace.heartbeat().multipliedBy(MISSED));
  }

  private void offer(CurrentLease lease) {
    send(NodeMessage.newBuilder().setLease(lease.message()));
  }

  private void drop(CurrentLease lease, String why) {
    progress.forget(lease.task());
    send(
        NodeMessage.newBuilder()
            .setLeaseGone(
                LeaseGone.newBuilder()
                    .setTask(WireValues.bytes(ValueCodecs.TASK_ID, lease.task()))
                    .setFence(lease.fence())
                    .setWhy(why)));
  }

  private void send(NodeMessage.Builder message) {
    line.ifPresent(open -> open.send(message.build()));
  }

  /** Then it would be leased a shard that nobody begins, and hold it until its deadline. */
  private boolean asks() {
    return market.read(state -> state.worker(worker).flatMap(Worker::ask)).isPresent();
  }

  private Optional<CurrentLease> current() {
    return market.read(state -> CurrentLease.of(state, worker));
  }
}
