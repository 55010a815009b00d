package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.protocol.key.Networks;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.AgentGrpc;
import io.shardex.protocol.wire.AgentMessage;
import io.shardex.protocol.wire.AliveAsked;
import io.shardex.protocol.wire.ChallengeAsked;
import io.shardex.protocol.wire.ChallengeReply;
import io.shardex.protocol.wire.ChallengeRequest;
import io.shardex.protocol.wire.LoginReply;
import io.shardex.protocol.wire.LoginRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.NodeMessage;
import io.shardex.protocol.wire.RevealAsked;
import io.shardex.protocol.wire.Welcome;
import io.shardex.protocol.wire.WireValues;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentStreamTest {
  private static final TaskId TRAINING = new TaskId(new JobId(Digest.sha256(new byte[] {1})), 2, 3);

  private static final Challenge CHALLENGE = new Challenge(Digest.ZERO, 512, 124, 16, 64);
  private static final Digest DRAW = Digest.sha256(new byte[] {2});

  private final Heard heard = new Heard();
  private Server node;
  private Nodes nodes;

  // The method below starts both before each test.
  @SuppressWarnings("NullAway.Init")
  AgentStreamTest() {}

  @BeforeEach
  void startNode() throws IOException {
    node =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Door())
            .addService(
                new Script(
                    List.of(
                        asked(TRAINING, 7, 100),
                        asked(TRAINING.audit(7), 2, 200),
                        aliveAsked(),
                        challengeAsked(Optional.empty()),
                        challengeAsked(Optional.of(DRAW)))))
            .build()
            .start();
    nodes =
        Nodes.open(
            NodeAddresses.of(new NodeAddress("127.0.0.1", node.getPort())),
            Identity.of(SigningKey.fromSeed(1, "worker"), Networks.LOCAL),
            Patience.USUAL);
  }

  @AfterEach
  void stopNode() {
    nodes.close();
    node.shutdownNow();
  }

  @Test
  void anAgentIsToldWhichSealsToOpenUntilWhenAndHearsOnAfterItFailed() throws Exception {
    AgentStream agent = AgentStream.open(nodes, "test", heard);

    assertEquals(new Asked(TRAINING, 7, 100), heard.take());
    assertEquals(new Asked(TRAINING.audit(7), 2, 200), heard.take());
    assertEquals("alive", heard.take());
    agent.close();
  }

  @Test
  void anAgentIsToldToProveItsHardwareAndThenWhatToOpen() throws Exception {
    AgentStream agent = AgentStream.open(nodes, "test", heard);
    Object told = heard.take();
    while (!"alive".equals(told)) {
      told = heard.take();
    }

    assertEquals(new Challenged(CHALLENGE, Optional.empty(), 300), heard.take());
    assertEquals(new Challenged(CHALLENGE, Optional.of(DRAW), 300), heard.take());
    agent.close();
  }

  private static NodeMessage challengeAsked(Optional<Digest> draw) {
    return NodeMessage.newBuilder()
        .setChallengeAsked(
            ChallengeAsked.newBuilder()
                .setChallenge(WireValues.bytes(ValueCodecs.CHALLENGE, CHALLENGE))
                .setDraw(draw.map(WireValues::bytes).orElse(ByteString.EMPTY))
                .setDeadlineMillis(300))
        .build();
  }

  private static NodeMessage asked(TaskId task, long fence, long deadlineMillis) {
    return NodeMessage.newBuilder()
        .setRevealAsked(
            RevealAsked.newBuilder()
                .setTask(WireValues.bytes(ValueCodecs.TASK_ID, task))
                .setFence(fence)
                .setDeadlineMillis(deadlineMillis))
        .build();
  }

  private static NodeMessage aliveAsked() {
    return NodeMessage.newBuilder().setAliveAsked(AliveAsked.getDefaultInstance()).build();
  }

  private record Challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis) {}

  private record Asked(TaskId task, long fence, long deadlineMillis) {}

  /** Keeps what the stream tells; fails at each request to open a seal. */
  private static final class Heard implements AgentListener {
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

    Object take() throws InterruptedException {
      Object next = told.poll(30, TimeUnit.SECONDS);
      return next == null ? "nothing within 30 s" : next;
    }

    @Override
    public void leased(LeaseOffer lease) {
      told.add(lease);
    }

    @Override
    public void leaseGone(TaskId task, long fence, String why) {
      told.add(why);
    }

    @Override
    public void aliveAsked(long deadlineMillis) {
      told.add("alive");
    }

    @Override
    public void revealAsked(TaskId task, long fence, long deadlineMillis) {
      told.add(new Asked(task, fence, deadlineMillis));
      throw new IllegalStateException("as the test says");
    }

    @Override
    public void challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis) {
      told.add(new Challenged(challenge, draw, deadlineMillis));
    }
  }

  /** Lets everybody in. */
  private static final class Door extends MarketGrpc.MarketImplBase {
    @Override
    public void challenge(ChallengeRequest request, StreamObserver<ChallengeReply> reply) {
      reply.onNext(
          ChallengeReply.newBuilder()
              .setChallenge(ByteString.copyFrom(Digest.ZERO.bytes()))
              .setExpiryMillis(1)
              .build());
      reply.onCompleted();
    }

    @Override
    public void login(LoginRequest request, StreamObserver<LoginReply> reply) {
      reply.onNext(LoginReply.newBuilder().setToken("token").build());
      reply.onCompleted();
    }
  }

  /** Welcomes an agent, then says its lines. */
  private static final class Script extends AgentGrpc.AgentImplBase {
    private final List<NodeMessage> lines;

    Script(List<NodeMessage> lines) {
      this.lines = lines;
    }

    @Override
    public StreamObserver<AgentMessage> connect(StreamObserver<NodeMessage> agent) {
      agent.onNext(
          NodeMessage.newBuilder()
              .setWelcome(Welcome.newBuilder().setHeartbeatMillis(1_000))
              .build());
      lines.forEach(agent::onNext);
      return new StreamObserver<>() {
        @Override
        public void onNext(AgentMessage message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
      };
    }
  }
}
