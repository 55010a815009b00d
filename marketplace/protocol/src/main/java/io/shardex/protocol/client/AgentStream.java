package io.shardex.protocol.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.protocol.wire.AgentGrpc;
import io.shardex.protocol.wire.AgentMessage;
import io.shardex.protocol.wire.ChallengeAsked;
import io.shardex.protocol.wire.Heartbeat;
import io.shardex.protocol.wire.Hello;
import io.shardex.protocol.wire.Lease;
import io.shardex.protocol.wire.LeaseGone;
import io.shardex.protocol.wire.NodeMessage;
import io.shardex.protocol.wire.RevealAsked;
import io.shardex.protocol.wire.Trailers;
import io.shardex.protocol.wire.Welcome;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's line to the market: dials out, keeps one stream to one node, sends heartbeats, and
 * when the stream breaks dials another node, with growing jittered pauses, until it is closed. A
 * lease is told once, however often the stream is made anew.
 */
public final class AgentStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentStream.class);
  private static final String MOVED = "MOVED";

  /** Where a lease's training is. */
  private record Step(TaskId task, long fence, int step, int steps, double loss) {}

  /** A lease that was told and is not over. */
  private record Held(TaskId task, long fence) {}

  /** What the loop waits for. */
  private sealed interface Signal {
    record Message(NodeMessage message) implements Signal {}

    record Ended(Throwable why) implements Signal {}
  }

  private final Nodes nodes;
  private final String version;
  private final AgentListener listener;
  private final Thread thread;
  private volatile Optional<Step> progress = Optional.empty();
  private volatile boolean closed;
  private @Nullable Held held;

  private AgentStream(Nodes nodes, String version, AgentListener listener) {
    this.nodes = nodes;
    this.version = version;
    this.listener = listener;
    this.thread = Thread.ofPlatform().daemon().name("shardex-agent").unstarted(this::run);
  }

  /**
   * Starts to dial.
   *
   * @param version of the agent's software, at most 64 characters
   */
  public static AgentStream open(Nodes nodes, String version, AgentListener listener) {
    AgentStream stream = new AgentStream(nodes, version, listener);
    stream.thread.start();
    return stream;
  }

  /**
   * Says how far training is; the next heartbeat carries the latest word.
   *
   * @param step steps done, 0 to {@code steps}
   */
  public void progress(TaskId task, long fence, int step, int steps, double loss) {
    progress = Optional.of(new Step(task, fence, step, steps, loss));
  }

  /** Ends the stream and waits for the listener's last call, unless that is who closes. */
  @Override
  public void close() {
    closed = true;
    if (Thread.currentThread() != thread) {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    Backoff backoff = new Backoff(RandomGenerator.getDefault());
    try {
      while (!closed) {
        NodeLink link = nodes.preferred();
        try {
          stay(link, backoff);
        } catch (StatusRuntimeException | ClientFailure | MalformedBytes e) {
          LOG.debug("no stream to {}: {}", link.address(), e.getMessage());
          switch (Status.fromThrowable(e).getCode()) {
            case UNAUTHENTICATED -> link.forgetSession();
            case PERMISSION_DENIED, FAILED_PRECONDITION ->
                tell(() -> listener.refused(link.address(), words(e)));
            default -> {}
          }
        }
        nodes.avoid(link);
        Duration pause = backoff.next();
        if (!closed) {
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      // Only close interrupts this thread.
      closed = true;
    }
  }

  /** What a node said, and what it advised. */
  private static String words(Throwable refusal) {
    String said = String.valueOf(Status.fromThrowable(refusal).getDescription());
    Metadata trailers = Status.trailersFromThrowable(refusal);
    String advice = trailers == null ? "" : Trailers.nextStep(trailers);
    return advice.isEmpty() ? said : said + "; " + advice;
  }

  /** One stream, until it ends. */
  private void stay(NodeLink link, Backoff backoff) throws InterruptedException {
    Line line = new Line();
    AgentGrpc.AgentStub stub = nodes.authorized(AgentGrpc.newStub(link.channel()), link);
    var unused = stub.connect(line);
    try {
      line.send(
          AgentMessage.newBuilder()
              .setHello(
                  Hello.newBuilder().setVersion(version).setProtocol(WireLimits.AGENT_PROTOCOL))
              .build());
      Welcome welcome = welcome(line);
      backoff.reset();
      tell(() -> listener.connected(link.address()));
      if (!welcome.getLeased()) {
        drop(MOVED);
      }
      String why = converse(line, Duration.ofMillis(Math.max(1, welcome.getHeartbeatMillis())));
      tell(() -> listener.disconnected(link.address(), why));
    } finally {
      line.cancel();
    }
  }

  private Welcome welcome(Line line) throws InterruptedException {
    Signal first = line.poll(nodes.patience().call());
    return switch (first) {
      case Signal.Message message when message.message().hasWelcome() -> {
        line.more();
        yield message.message().getWelcome();
      }
      case Signal.Message other ->
          throw new MalformedBytes("the node's first message is no welcome");
      case Signal.Ended ended ->
          throw Status.fromThrowable(ended.why())
              .asRuntimeException(Status.trailersFromThrowable(ended.why()));
      case null ->
          throw Status.DEADLINE_EXCEEDED.withDescription("no welcome came").asRuntimeException();
    };
  }

  /** Hears and beats; returns why the stream ended. */
  private String converse(Line line, Duration beat) throws InterruptedException {
    long nextBeat = System.nanoTime();
    while (!closed) {
      long now = System.nanoTime();
      if (now - nextBeat >= 0) {
        line.send(AgentMessage.newBuilder().setHeartbeat(heartbeat()).build());
        nextBeat = now + beat.toNanos();
      }
      switch (line.poll(Duration.ofNanos(nextBeat - now))) {
        case Signal.Message message -> {
          hear(message.message());
          line.more();
        }
        case Signal.Ended ended -> {
          return String.valueOf(ended.why().getMessage());
        }
        case null -> {}
      }
    }
    return "closed";
  }

  private Heartbeat heartbeat() {
    Optional<Step> latest = progress;
    Held lease = held;
    if (lease == null) {
      return Heartbeat.getDefaultInstance();
    }
    Heartbeat.Builder beat =
        Heartbeat.newBuilder()
            .setTask(WireValues.bytes(ValueCodecs.TASK_ID, lease.task()))
            .setFence(lease.fence());
    latest
        .filter(step -> step.task().equals(lease.task()) && step.fence() == lease.fence())
        .ifPresent(
            step ->
                beat.setStep(step.step())
                    .setSteps(step.steps())
                    .setLossBits(Double.doubleToRawLongBits(step.loss())));
    return beat.build();
  }

  private void hear(NodeMessage message) {
    switch (message.getWhatCase()) {
      case LEASE -> hear(message.getLease());
      case LEASE_GONE -> hear(message.getLeaseGone());
      case ALIVE_ASKED ->
          tell(() -> listener.aliveAsked(message.getAliveAsked().getDeadlineMillis()));
      case REVEAL_ASKED -> hear(message.getRevealAsked());
      case CHALLENGE_ASKED -> hear(message.getChallengeAsked());
      case WELCOME -> {}
      // Of a newer node: nothing this agent must act on.
      case WHAT_NOT_SET -> {}
    }
  }

  private void hear(Lease lease) {
    TaskId task = WireValues.value(ValueCodecs.TASK_ID, lease.getTask());
    Held told = new Held(task, lease.getFence());
    if (told.equals(held)) {
      return;
    }
    LeaseOffer offer =
        new LeaseOffer(
            task,
            lease.getFence(),
            lease.getDeadlineMillis(),
            lease.getNowMillis(),
            WireValues.value(ValueCodecs.JOB_TERMS, lease.getTerms()),
            WireValues.digest(lease.getSpecBlob()),
            WireValues.digest(lease.getDataBlob()),
            WireValues.digest(lease.getBaseModelBlob()),
            lease.getStarted(),
            lease.hasCheckpoint()
                ? Optional.of(
                    new LeaseOffer.Checkpoint(
                        lease.getCheckpoint().getStep(),
                        WireValues.digest(lease.getCheckpoint().getBlob())))
                : Optional.empty());
    drop(MOVED);
    held = told;
    tell(() -> listener.leased(offer));
  }

  private void hear(RevealAsked asked) {
    TaskId task = WireValues.value(ValueCodecs.TASK_ID, asked.getTask());
    tell(() -> listener.revealAsked(task, asked.getFence(), asked.getDeadlineMillis()));
  }

  private void hear(ChallengeAsked asked) {
    Challenge challenge = WireValues.value(ValueCodecs.CHALLENGE, asked.getChallenge());
    Optional<Digest> draw =
        asked.getDraw().isEmpty()
            ? Optional.empty()
            : Optional.of(WireValues.digest(asked.getDraw()));
    tell(() -> listener.challenged(challenge, draw, asked.getDeadlineMillis()));
  }

  private void hear(LeaseGone gone) {
    Held over = new Held(WireValues.value(ValueCodecs.TASK_ID, gone.getTask()), gone.getFence());
    if (over.equals(held)) {
      drop(gone.getWhy());
    }
  }

  private void drop(String why) {
    Held over = held;
    if (over != null) {
      held = null;
      tell(() -> listener.leaseGone(over.task(), over.fence(), why));
    }
  }

  /** A listener's failure must not cost the stream. */
  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.error("the agent's listener failed", e);
    }
  }

  /** The stream's two ends. The node's messages are asked for one at a time. */
  private static final class Line implements ClientResponseObserver<AgentMessage, NodeMessage> {
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<AgentMessage> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<AgentMessage> stream) {
      stream.disableAutoRequestWithInitial(1);
      requests = stream;
    }

    @Override
    public void onNext(NodeMessage message) {
      signals.add(new Signal.Message(message));
    }

    @Override
    public void onError(Throwable failure) {
      signals.add(new Signal.Ended(failure));
    }

    @Override
    public void onCompleted() {
      signals.add(
          new Signal.Ended(Status.UNAVAILABLE.withDescription("the node hung up").asException()));
    }

    @Nullable Signal poll(Duration longest) throws InterruptedException {
      return signals.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    void send(AgentMessage message) {
      stream().onNext(message);
    }

    void more() {
      stream().request(1);
    }

    void cancel() {
      stream().cancel("the agent hangs up", null);
    }

    private ClientCallStreamObserver<AgentMessage> stream() {
      if (requests == null) {
        throw new IllegalStateException("the stream was not started");
      }
      return requests;
    }
  }
}
