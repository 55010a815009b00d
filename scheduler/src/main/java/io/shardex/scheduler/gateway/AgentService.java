package io.shardex.scheduler.gateway;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.shardex.market.Address;
import io.shardex.market.Rejection;
import io.shardex.protocol.wire.AgentGrpc;
import io.shardex.protocol.wire.AgentMessage;
import io.shardex.protocol.wire.Hello;
import io.shardex.protocol.wire.NodeMessage;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.scheduler.gateway.WorkerSessions.For;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** Takes agents' streams and hands what they say to their sessions. */
final class AgentService extends AgentGrpc.AgentImplBase {
  private static final int MAX_VERSION = 64;

  /** Agents are told to beat less often than this. */
  private static final int MESSAGES_PER_SECOND = 50;

  private final MarketPort market;
  private final ActorRef<WorkerSessions.Message> sessions;
  private final GatewayMetrics metrics;
  private final InstantSource clock;

  AgentService(
      MarketPort market,
      ActorRef<WorkerSessions.Message> sessions,
      GatewayMetrics metrics,
      InstantSource clock) {
    this.market = market;
    this.sessions = sessions;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public StreamObserver<AgentMessage> connect(StreamObserver<NodeMessage> reply) {
    ServerCallStreamObserver<NodeMessage> stream = (ServerCallStreamObserver<NodeMessage>) reply;
    stream.disableAutoRequest();
    Address worker;
    try {
      worker = admit();
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
      return new Agent(Address.ZERO, stream);
    }
    Agent agent = new Agent(worker, stream);
    stream.setOnCancelHandler(agent::leave);
    stream.request(1);
    return agent;
  }

  private Address admit() {
    Address worker = Sessions.requireCaller();
    if (!market.ready()) {
      throw Refusals.notReady();
    }
    if (!market.read(state -> state.workers().containsKey(worker))) {
      throw Refusals.denied(
          worker + " is no registered worker", Rejection.Reason.UNKNOWN_WORKER.nextStep());
    }
    return worker;
  }

  /** One agent's messages, on the call's own thread. */
  private final class Agent implements StreamObserver<AgentMessage> {
    private final Address worker;
    private final ServerCallStreamObserver<NodeMessage> stream;
    private final AgentLine line;
    private final TokenBucket messages = new TokenBucket(MESSAGES_PER_SECOND, clock);
    private boolean connected;

    Agent(Address worker, ServerCallStreamObserver<NodeMessage> stream) {
      this.worker = worker;
      this.stream = stream;
      this.line = new AgentLine(stream);
    }

    @Override
    public void onNext(AgentMessage message) {
      Optional<Duration> wait = messages.take(1);
      if (wait.isPresent()) {
        refuse(
            Refusals.tooMany(
                "an agent sends at most " + MESSAGES_PER_SECOND + " messages a second",
                wait.get()));
        return;
      }
      switch (message.getWhatCase()) {
        case HELLO -> hello(message.getHello());
        case HEARTBEAT -> heartbeat(message);
        case WHAT_NOT_SET -> refuse(Refusals.invalid("an agent's message is empty"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      leave();
    }

    @Override
    public void onCompleted() {
      leave();
      stream.onCompleted();
    }

    private void hello(Hello hello) {
      if (connected || hello.getVersion().length() > MAX_VERSION) {
        refuse(
            Refusals.invalid(
                "an agent says hello once, with a version of at most "
                    + MAX_VERSION
                    + " characters"));
      } else if (hello.getProtocol() != WireLimits.AGENT_PROTOCOL) {
        refuse(
            Refusals.wrongVersion(
                "this node speaks agent protocol %d, and the agent, of version '%s', speaks %d"
                    .formatted(
                        WireLimits.AGENT_PROTOCOL, hello.getVersion(), hello.getProtocol())));
      } else {
        connected = true;
        metrics.sessions(GatewayMetrics.Role.WORKER, 1);
        sessions.tell(new For(worker, new WorkerSession.Connected(line)));
      }
    }

    private void heartbeat(AgentMessage message) {
      if (!connected) {
        refuse(Refusals.invalid("an agent says hello first"));
        return;
      }
      sessions.tell(new For(worker, new WorkerSession.Heard(line, message.getHeartbeat())));
    }

    private void refuse(StatusRuntimeException why) {
      leave();
      stream.onError(why);
    }

    private void leave() {
      if (connected) {
        connected = false;
        metrics.sessions(GatewayMetrics.Role.WORKER, -1);
        sessions.tell(new For(worker, new WorkerSession.Gone(line)));
      }
    }
  }
}
