package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.AgentStream;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.ShardProgress;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.AgentMessage;
import io.shardex.protocol.wire.Heartbeat;
import io.shardex.protocol.wire.Hello;
import io.shardex.protocol.wire.Trailers;
import io.shardex.protocol.wire.WireLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AgentServiceTest {
  private static final Digest SPEC = Digest.sha256(new byte[] {1});
  private static final Digest DATA = Digest.sha256(new byte[] {2});
  private static final Digest MODEL = Digest.sha256(new byte[] {3});
  private static final Digest RESULT = Digest.sha256(new byte[] {4});

  private final TestDoor door = new TestDoor();
  private final LocalMarket market = door.market;
  private final Heard heard = new Heard();

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void anAgentIsToldOfTheLeaseItHoldsWhenItConnects() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    JobId job = market.job(SPEC, DATA, MODEL, 1);

    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);

    LeaseOffer lease = heard.take(LeaseOffer.class);
    assertEquals(new TaskId(job, 1, 0), lease.task());
    assertEquals(SPEC, lease.spec());
    assertEquals(DATA, lease.data());
    assertEquals(MODEL, lease.baseModel());
    agent.close();
  }

  @Test
  void anAgentIsToldOfAGrantAndOfItsEnd() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);
    heard.take(NodeAddress.class);

    market.job(SPEC, DATA, MODEL, 1);
    LeaseOffer lease = heard.take(LeaseOffer.class);
    market.commits(worker, Digest.ZERO);

    assertEquals(new Over(lease.task(), lease.fence(), "COMMITTED"), heard.take(Over.class));
    agent.close();
  }

  @Test
  void anAgentWhoseNodeIsGoneDialsTheNextAndIsNotToldTwice() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    market.job(SPEC, DATA, MODEL, 2);
    Gateway first = door.gateway();
    Gateway second = door.gateway();
    AgentStream agent = AgentStream.open(nodes(worker, first, second), "test", heard);
    assertEquals(first.address(), heard.take(NodeAddress.class));
    heard.take(LeaseOffer.class);

    first.close();
    assertEquals(second.address(), heard.take(NodeAddress.class));
    market.commits(worker, Digest.ZERO);

    heard.take(Over.class);
    assertEquals(1, heard.all.stream().filter(one -> one instanceof Over).count());
    assertEquals(
        1,
        heard.all.stream()
            .takeWhile(one -> !(one instanceof Over))
            .filter(one -> one instanceof LeaseOffer)
            .count());
    agent.close();
  }

  @Test
  void progressIsSeenWhileTheLeaseLives() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    JobId job = market.job(SPEC, DATA, MODEL, 1);
    Nodes nodes = nodes(worker, door.gateway());
    AgentStream agent = AgentStream.open(nodes, "test", heard);
    LeaseOffer lease = heard.take(LeaseOffer.class);

    agent.progress(lease.task(), lease.fence(), 7, 10, 0.5);

    ShardProgress expected =
        new ShardProgress(lease.task(), lease.fence(), worker.address(), 7, 10, 0.5);
    MarketClient client = new MarketClient(nodes);
    until("progress is seen", () -> client.progress(job).equals(List.of(expected)));
    market.commits(worker, Digest.ZERO);
    until("progress is forgotten", () -> client.progress(job).isEmpty());
    agent.close();
  }

  @Test
  void aWorkerThatLeavesItsLeaseIsReportedSilent() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    market.job(SPEC, DATA, MODEL, 1);
    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);
    heard.take(LeaseOffer.class);

    agent.close();

    assertEquals(worker.address(), market.silent.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void aWorkerThatLeavesWhileItAsksIsReportedSilentAndLeasedNothing() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);
    heard.take(NodeAddress.class);

    agent.close();

    assertEquals(worker.address(), market.silent.poll(10, TimeUnit.SECONDS));
    market.say(market.validator, new Command.ReportSilent(List.of(worker.address())));
    market.job(SPEC, DATA, MODEL, 1);
    assertTrue(
        market.read(state -> state.worker(worker.address()).orElseThrow()).lease().isEmpty());
  }

  @Test
  void aWorkerThatLeavesAndAsksNothingIsNotReported() throws Exception {
    SigningKey worker = market.worker("w");
    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);
    heard.take(NodeAddress.class);

    agent.close();

    assertEquals(null, market.silent.poll(8, TimeUnit.SECONDS));
  }

  @Test
  void aSuspectedWorkerIsAskedForALifeSign() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    market.job(SPEC, DATA, MODEL, 1);
    AgentStream agent = AgentStream.open(nodes(worker, door.gateway()), "test", heard);
    heard.take(LeaseOffer.class);

    market.say(market.validator, new Command.ReportSilent(List.of(worker.address())));

    assertTrue(heard.take(AliveAsked.class).deadlineMillis() > LocalMarket.START_MILLIS);
    agent.close();
  }

  @Test
  void aWorkerIsAskedToOpenItsSealOnceItsAuditorHasSealed() throws Exception {
    SigningKey worker = market.worker("w");
    SigningKey auditor = aResultIsAudited(worker);
    Gateway gateway = door.gateway();
    AgentStream agent = AgentStream.open(nodes(worker, gateway), "test", heard);
    heard.take(NodeAddress.class);
    TaskId audit = market.lease(auditor);
    assertEquals(0, heard.count(RevealAsked.class));

    market.seals(auditor, RESULT);

    RevealAsked asked = heard.take(RevealAsked.class);
    assertEquals(audit.training(), asked.task());
    assertEquals(audit.audited(), asked.fence());
    assertEquals(revealBy(audit), asked.deadlineMillis());
    agent.close();
  }

  @Test
  void aWorkerIsAskedAgainWhenItConnectsAgainButNotForASealThatIsOpen() throws Exception {
    SigningKey worker = market.worker("w");
    SigningKey auditor = aResultIsAudited(worker);
    TaskId audit = market.lease(auditor);
    market.seals(auditor, RESULT);
    Nodes nodes = nodes(worker, door.gateway());
    AgentStream first = AgentStream.open(nodes, "test", heard);
    RevealAsked asked = heard.take(RevealAsked.class);
    first.close();

    AgentStream second = AgentStream.open(nodes, "test", heard);
    assertEquals(asked, heard.take(RevealAsked.class));
    second.close();
    market.reveals(worker, audit.training(), audit.audited(), RESULT);

    Heard last = new Heard();
    AgentStream third = AgentStream.open(nodes, "test", last);
    last.take(NodeAddress.class);
    market.asks(worker);
    JobId another = market.job(2, SPEC, DATA, MODEL, 2);
    assertEquals(another, last.take(LeaseOffer.class).task().job());
    assertEquals(0, last.count(RevealAsked.class));
    third.close();
  }

  @Test
  void anAuditorGetsTheModelOfTheAuditedShardAndIsAskedToOpenItsOwnSeal() throws Exception {
    SigningKey worker = market.worker("w");
    SigningKey auditor = aResultIsAudited(worker);
    TaskId audit = market.lease(auditor);
    AgentStream agent = AgentStream.open(nodes(auditor, door.gateway()), "test", heard);
    LeaseOffer lease = heard.take(LeaseOffer.class);
    assertEquals(audit, lease.task());
    assertEquals(MODEL, lease.baseModel());

    market.seals(auditor, RESULT);

    assertEquals(
        new RevealAsked(audit, lease.fence(), revealBy(audit)), heard.take(RevealAsked.class));
    market.reveals(auditor, audit, lease.fence(), RESULT);
    assertEquals(List.of(), market.read(state -> AskedReveal.of(state, auditor.address())));
    assertEquals(1, market.read(state -> AskedReveal.of(state, worker.address())).size());
    agent.close();
  }

  /** A job's only shard is committed, and a worker of another owner is drawn to audit it. */
  private SigningKey aResultIsAudited(SigningKey worker) {
    market.asks(worker);
    market.job(SPEC, DATA, MODEL, 1);
    market.say(worker, new Command.WithdrawAsk());
    SigningKey auditor = market.worker("a", SigningKey.fromSeed(1, "another owner"));
    market.asks(auditor);
    market.seals(worker, RESULT);
    TaskId unused = market.draws(auditor);
    return auditor;
  }

  private long revealBy(TaskId audit) {
    return market.read(state -> state.result(audit).orElseThrow().audit().revealByMillis());
  }

  @Test
  void anAgentThatIsNoWorkerGetsNoStream() throws Exception {
    market.stake();
    AgentStream agent = AgentStream.open(nodes(market.owner, door.gateway()), "test", heard);
    // The stream is refused again and again; nothing is ever told, and closing ends it.
    agent.close();
    assertTrue(heard.all.isEmpty());
    Address none = market.silent.poll();
    assertEquals(null, none);
  }

  private Nodes nodes(SigningKey key, Gateway... gateways) {
    return door.nodes(
        key, Arrays.stream(gateways).map(Gateway::address).toArray(NodeAddress[]::new));
  }

  @Test
  void anAgentOfAnotherProtocolIsToldWhatToRun() throws Exception {
    SigningKey worker = market.worker("w");
    RawAgent agent = RawAgent.open(door, door.gateway(), worker);

    agent.say(
        AgentMessage.newBuilder()
            .setHello(Hello.newBuilder().setVersion("9.9").setProtocol(2))
            .build());

    StatusRuntimeException refused = agent.refused();
    assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
    assertEquals(
        "this node speaks agent protocol 1, and the agent, of version '9.9', speaks 2",
        refused.getStatus().getDescription());
    assertEquals(
        "run the release that the network's nodes run", Trailers.nextStep(refused.getTrailers()));
  }

  @Test
  void anAgentThatFloodsIsHungUpOnAndTheOthersAreServed() throws Exception {
    SigningKey worker = market.worker("w");
    SigningKey loud = market.worker("loud");
    market.asks(worker);
    Gateway gateway = door.gateway();
    AgentStream agent = AgentStream.open(nodes(worker, gateway), "test", heard);
    heard.take(NodeAddress.class);
    RawAgent flood = RawAgent.open(door, gateway, loud);

    flood.say(
        AgentMessage.newBuilder()
            .setHello(Hello.newBuilder().setProtocol(WireLimits.AGENT_PROTOCOL))
            .build());
    for (int i = 0; i < 1_000; i++) {
      flood.say(AgentMessage.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
    }

    StatusRuntimeException refused = flood.refused();
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
    assertTrue(Trailers.retryAfter(refused.getTrailers()).isPresent());
    market.job(SPEC, DATA, MODEL, 1);
    heard.take(LeaseOffer.class);
    agent.close();
  }

  private static void until(String claim, BooleanSupplier condition) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, claim);
      Thread.onSpinWait();
    }
  }

  private record Over(TaskId task, long fence, String why) {}

  private record RevealAsked(TaskId task, long fence, long deadlineMillis) {}

  private record AliveAsked(long deadlineMillis) {}

  private record Challenged(Challenge challenge, Optional<Digest> draw) {}

  private static final class Heard implements AgentListener {
    final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    final BlockingQueue<Object> all = new LinkedBlockingQueue<>();

    @Override
    public void leased(LeaseOffer lease) {
      add(lease);
    }

    @Override
    public void leaseGone(TaskId task, long fence, String why) {
      add(new Over(task, fence, why));
    }

    @Override
    public void aliveAsked(long deadlineMillis) {
      add(new AliveAsked(deadlineMillis));
    }

    @Override
    public void revealAsked(TaskId task, long fence, long deadlineMillis) {
      add(new RevealAsked(task, fence, deadlineMillis));
    }

    @Override
    public void challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis) {
      add(new Challenged(challenge, draw));
    }

    @Override
    public void connected(NodeAddress node) {
      add(node);
    }

    private void add(Object what) {
      all.add(what);
      queue.add(what);
    }

    long count(Class<?> kind) {
      return all.stream().filter(kind::isInstance).count();
    }

    <T> T take(Class<T> kind) throws InterruptedException {
      while (true) {
        Object next = queue.poll(10, TimeUnit.SECONDS);
        assertTrue(next != null, "no " + kind.getSimpleName() + " came");
        if (kind.isInstance(next)) {
          return kind.cast(next);
        }
      }
    }
  }
}
