package io.shardex.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Seals;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.worker.WorkerStatus.Standing;
import io.shardex.worker.device.GpuFinding;
import io.shardex.worker.device.Placement;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ReferenceTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerNodeTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final SigningKey OWNER = SigningKey.fromSeed(1, "owner");
  private static final NodeAddress NODE = new NodeAddress("localhost", 1);
  private static final UnitPrice RESERVE = new UnitPrice(5);
  private static final Command.PlaceAsk ASK = new Command.PlaceAsk(RESERVE);
  private static final Command.RegisterWorker REGISTER =
      new Command.RegisterWorker(OWNER.address(), TestJob.CPU, 256);

  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final InstantSource clock = InstantSource.system();
  private final CountDownLatch unwell = new CountDownLatch(1);
  private @Nullable WorkerNode open;

  private WorkerConfig config(int memoryMiB) {
    EnvelopeSigner owner = new EnvelopeSigner(OWNER, TestJob.NETWORK, new Nonces(clock), clock);
    return new WorkerConfig(
        "w",
        TestJob.NETWORK,
        NodeAddresses.of(NODE),
        KEY,
        OWNER.address(),
        owner.endorse(KEY.address()),
        TestJob.CPU,
        memoryMiB,
        RESERVE,
        home,
        WorkerConfig.THREADS,
        Placement.ANYWHERE);
  }

  private WorkerNode start() throws IOException {
    WorkerNode node = start(256);
    open = node;
    return node;
  }

  private WorkerNode start(int memoryMiB) throws IOException {
    return start(memoryMiB, clock);
  }

  private WorkerNode start(int memoryMiB, InstantSource own) throws IOException {
    WorkerConfig config = config(memoryMiB);
    return WorkerNode.start(
        config,
        WorkerNode.signer(config, own),
        network,
        new ReferenceTrainer(1),
        new WorkerMetrics(new CollectorRegistry()),
        clock);
  }

  @AfterEach
  void stop() {
    if (open != null) {
      open.close();
    }
  }

  private void known(Optional<UnitPrice> ask, boolean draining, long notBeforeMillis) {
    Address owner = OWNER.address();
    network.knows(FakeNetwork.worker(owner, TestJob.CPU, ask, draining, notBeforeMillis));
  }

  @Test
  void aWorkerRegistersWithItsOwnersEndorsementAndAsks() throws Exception {
    start();

    assertEquals(REGISTER, network.nextCommand());
    assertEquals(ASK, network.nextCommand());
    Envelope register = network.envelopes().getFirst();
    AuthorRecovery recovery = new AuthorRecovery(TypedData.of(TestJob.NETWORK), Runnable::run, 1);
    assertEquals(Optional.of(OWNER.address()), recovery.author(register).endorser());
    assertEquals(Optional.of(KEY.address()), recovery.author(register).signer());
  }

  @Test
  void aWorkerWhoseStakeIsNotConfirmedTriesAgainAndSaysSo() throws Exception {
    CountDownLatch staked = new CountDownLatch(1);
    int[] tries = {0};
    WorkerNode[] node = new WorkerNode[1];
    Standing[] seen = new Standing[1];
    CountDownLatch ready = new CountDownLatch(1);
    network.answer(
        command -> {
          if (command instanceof Command.RegisterWorker && tries[0]++ < 2) {
            await(ready);
            seen[0] = node[0].status().standing();
            return FakeNetwork.rejected(
                tries[0] == 1 ? Reason.UNKNOWN_KEY : Reason.STAKE_TOO_SMALL);
          }
          staked.countDown();
          return FakeNetwork.accepted();
        });
    node[0] = start();
    ready.countDown();

    assertTrue(staked.await(30, TimeUnit.SECONDS));
    assertEquals(Standing.WAITING_FOR_STAKE, seen[0]);
    assertEquals(REGISTER, network.nextCommand());
    assertEquals(REGISTER, network.nextCommand());
    assertEquals(REGISTER, network.nextCommand());
    assertEquals(ASK, network.nextCommand());
  }

  @Test
  void aWorkerThatIsRefusedForGoodStops() throws Exception {
    CountDownLatch refused = new CountDownLatch(1);
    network.answer(
        command -> {
          refused.countDown();
          return FakeNetwork.rejected(Reason.NOT_SIGNED_BY);
        });
    WorkerNode node = start();
    assertEquals(REGISTER, network.nextCommand());
    node.close();

    assertEquals(Standing.REFUSED, node.status().standing());
    assertTrue(node.status().detail().contains("NOT_SIGNED_BY"));
    assertEquals(1, network.envelopes().size());
  }

  @Test
  void anAskThatWasTakenAwayIsPlacedAnew() throws Exception {
    known(Optional.of(RESERVE), false, 0);
    start();
    AgentListener market = network.nextListener();
    known(Optional.empty(), false, 0);
    market.connected(NODE);

    assertEquals(ASK, network.nextCommand());
  }

  @Test
  void aWorkerThatWasDrainedOrAskedForMoreAsksAnew() throws Exception {
    known(Optional.of(RESERVE), true, 0);
    start();
    AgentListener market = network.nextListener();
    assertEquals(ASK, network.nextCommand());

    known(Optional.of(new UnitPrice(6)), false, 0);
    market.connected(NODE);
    assertEquals(ASK, network.nextCommand());
  }

  @Test
  void noAskIsPlacedBeforeTheCoolingEnds() throws Exception {
    network.clock(1_000);
    known(Optional.empty(), false, 2_000);
    start();
    AgentListener market = network.nextListener();
    market.aliveAsked(0);
    assertEquals(new Command.Alive(), network.nextCommand());

    network.clock(2_000);
    market.connected(NODE);
    assertEquals(ASK, network.nextCommand());
  }

  @Test
  void aLeaseSurvivesTheLossOfTheLine() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    start();
    AgentListener market = network.nextListener();
    network.onStep(
        step -> {
          if (step == 5) {
            market.disconnected(NODE, "as the test says");
            market.connected(NODE);
          }
        });
    market.leased(job.lease(0, 3));

    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());
    Command.CommitResult commit =
        assertInstanceOf(Command.CommitResult.class, network.nextCommand());
    assertEquals(job.task(0), commit.task());
    assertEquals(3, commit.fence());
  }

  /** Refuses what the market refuses for its time or its number, as {@code Freshness} does. */
  private void judgeByTime() {
    long twice = 2 * TestJob.NETWORK.rules().pace().commandLife();
    long[] highest = {0};
    network.judge(
        envelope -> {
          long now = clock.millis();
          network.clock(now);
          if (envelope.expiryMillis() <= now) {
            return FakeNetwork.rejected(Reason.COMMAND_EXPIRED);
          }
          if (envelope.expiryMillis() > now + twice) {
            return FakeNetwork.rejected(Reason.EXPIRY_TOO_FAR);
          }
          synchronized (highest) {
            if (envelope.nonce() <= highest[0]) {
              return FakeNetwork.rejected(Reason.NONCE_USED);
            }
            highest[0] = envelope.nonce();
          }
          return FakeNetwork.accepted();
        });
  }

  private InstantSource off(Duration by) {
    return () -> clock.instant().plus(by);
  }

  @ParameterizedTest
  @ValueSource(longs = {-60, 60})
  void aWorkerWhoseClockIsAnHourWrongWorksAllTheSame(long minutes) throws Exception {
    judgeByTime();
    TestJob job = TestJob.good(network);
    open = start(256, off(Duration.ofMinutes(minutes)));
    network.nextListener().leased(job.lease(0, 3));
    await(Command.CommitResult.class);

    List<Class<?>> said =
        network.envelopes().stream().<Class<?>>map(one -> one.command().getClass()).toList();
    // Only the first of all was signed by the wrong clock.
    assertEquals(
        List.of(Command.RegisterWorker.class, Command.RegisterWorker.class), said.subList(0, 2));
    assertEquals(1, said.stream().filter(Command.PlaceAsk.class::equals).count());
    assertEquals(1, said.stream().filter(Command.StartLease.class::equals).count());
    assertEquals(1, said.stream().filter(Command.CommitResult.class::equals).count());
  }

  @Test
  void aWorkerWhoseClockWasSetBackIsHeardWithNoncesAboveThoseItUsed() throws Exception {
    judgeByTime();
    open = start(256, off(Duration.ofHours(1)));
    await(Command.PlaceAsk.class);
    network.nextListener();
    stop();
    TestJob job = TestJob.good(network);
    open = start();
    network.nextListener().leased(job.lease(0, 3));

    await(Command.CommitResult.class);
  }

  private void await(Class<? extends Command> kind) throws InterruptedException {
    for (int before = 0; !kind.isInstance(network.nextCommand()); before++) {
      assertTrue(before < 100, () -> "no " + kind.getSimpleName());
    }
  }

  @Test
  void aWorkerOpensItsSealWhenItIsAskedTo() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    start();
    AgentListener market = network.nextListener();
    market.leased(job.lease(0, 3));
    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());
    Command.CommitResult commit =
        assertInstanceOf(Command.CommitResult.class, network.nextCommand());

    market.revealAsked(job.task(0), 3, 60_000);

    Command.Reveal reveal = assertInstanceOf(Command.Reveal.class, network.nextCommand());
    assertEquals(job.task(0), reveal.task());
    assertEquals(commit.result(), reveal.shown());
    assertEquals(
        commit.seal(),
        Seals.seal(
            TestJob.NETWORK.chainId(),
            TestJob.NETWORK.settlement(),
            reveal.task(),
            reveal.fence(),
            KEY.address(),
            reveal.root(),
            reveal.shown(),
            reveal.salt()));
  }

  @Test
  void aLeaseThatIsGoneBringsNoCommitment() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    AgentListener market = network.nextListener();
    network.onStep(step -> market.leaseGone(job.task(0), 3, "EXPIRED"));
    market.leased(job.lease(0, 3));
    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());

    assertTrue(node.drain(() -> Duration.ofSeconds(30)));
    assertEquals(new Command.Drain(), network.nextCommand());
  }

  @Test
  void aDrainedWorkerFinishesItsLease() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch drained = new CountDownLatch(1);
    network.onStep(
        step -> {
          training.countDown();
          await(drained);
        });
    network.answer(
        command -> {
          if (command instanceof Command.Drain) {
            drained.countDown();
          }
          return FakeNetwork.accepted();
        });
    network.nextListener().leased(job.lease(0, 3));
    assertTrue(training.await(30, TimeUnit.SECONDS));

    assertTrue(node.drain(() -> Duration.ofSeconds(30)));
    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());
    assertEquals(new Command.Drain(), network.nextCommand());
    assertInstanceOf(Command.CommitResult.class, network.nextCommand());
    assertEquals(Standing.LEFT, node.status().standing());
  }

  @Test
  void aGpuInTroubleEndsTheLeaseAndTakesTheAskBackUntilItIsWell() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    network.onStep(
        step -> {
          training.countDown();
          await(never);
        });
    AgentListener market = network.nextListener();
    market.leased(job.lease(0, 3));
    assertTrue(training.await(30, TimeUnit.SECONDS));
    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());

    node.device(List.of(new GpuFinding(GpuFinding.Kind.XID, "Xid 79: off the bus")));

    // In whichever order: they are said by two threads.
    List<Command> said = List.of(network.nextCommand(), network.nextCommand());
    assertTrue(said.contains(new Command.WithdrawAsk()), said::toString);
    assertTrue(
        said.contains(new Command.GiveUpLease(job.task(0), 3, Event.Failure.RUN_FAILED)),
        said::toString);
    // A drain with nothing left to wait for would otherwise be told that a lease was given up.
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (node.status().lease().isPresent() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertEquals(Optional.empty(), node.status().lease());
    known(Optional.empty(), false, 0);
    market.connected(NODE);
    assertEquals(List.of("Xid 79: off the bus"), node.status().device());

    node.device(List.of());

    Command next = network.nextCommand();
    while (next instanceof Command.WithdrawAsk) {
      // Said again while this market, which a test plays, did not yet know of the first.
      next = network.nextCommand();
    }
    assertEquals(ASK, next);
  }

  @Test
  void aGpuThatIsAnotherGoodThanItsClassTakesNoNewLeaseAndFinishesThisOne() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    network.onStep(
        step -> {
          if (step == 2) {
            node.device(List.of(new GpuFinding(GpuFinding.Kind.POWER_CAPPED, "150 of 215 W")));
            await(unwell);
          }
        });
    network.answer(
        command -> {
          if (command instanceof Command.WithdrawAsk) {
            unwell.countDown();
          }
          return FakeNetwork.accepted();
        });
    network.nextListener().leased(job.lease(0, 3));

    assertEquals(new Command.StartLease(job.task(0), 3), network.nextCommand());
    assertEquals(new Command.WithdrawAsk(), network.nextCommand());
    Command next = network.nextCommand();
    while (next instanceof Command.WithdrawAsk) {
      next = network.nextCommand();
    }
    assertInstanceOf(Command.CommitResult.class, next);
    assertEquals(Standing.UNWELL, node.status().standing());
    assertEquals("its GPU: 150 of 215 W", node.status().detail());
  }

  @Test
  void whatIsOnlyToldChangesNothing() throws Exception {
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    AgentListener market = network.nextListener();
    node.device(List.of(new GpuFinding(GpuFinding.Kind.SLOWED, "hw_slowdown")));
    market.aliveAsked(0);
    assertEquals(new Command.Alive(), network.nextCommand());
    assertEquals(1, network.envelopes().size());
  }

  @Test
  void aClosedWorkerAbandonsItsLease() throws Exception {
    TestJob job = TestJob.good(network);
    known(Optional.of(RESERVE), false, 0);
    WorkerNode node = start();
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    network.onStep(
        step -> {
          training.countDown();
          // Only closing, which interrupts, leads out of here.
          await(never);
        });
    network.nextListener().leased(job.lease(0, 3));
    assertTrue(training.await(30, TimeUnit.SECONDS));
    node.close();

    assertEquals(Optional.empty(), node.status().lease());
    assertFalse(
        network.envelopes().stream()
            .anyMatch(envelope -> envelope.command() instanceof Command.CommitResult));
  }

  @Test
  void troubleOnTheLineIsWaitedOut() throws Exception {
    int[] tries = {0};
    network.answer(
        command -> {
          if (tries[0]++ < 3) {
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });
    start();

    for (int i = 0; i < 4; i++) {
      assertEquals(REGISTER, network.nextCommand());
    }
    assertEquals(ASK, network.nextCommand());
  }

  @Test
  void moreMemoryThanTheMachineHasIsRefusedByName() {
    IOException refused = assertThrows(IOException.class, () -> start(Integer.MAX_VALUE));
    assertTrue(String.valueOf(refused.getMessage()).contains("worker w"));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
