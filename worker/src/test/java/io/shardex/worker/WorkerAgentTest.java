package io.shardex.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Command;
import io.shardex.market.Event;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.worker.WorkerStatus.Standing;
import io.shardex.worker.device.CpuSet;
import io.shardex.worker.device.Gpu;
import io.shardex.worker.device.GpuHealth;
import io.shardex.worker.device.GpuReading;
import io.shardex.worker.device.GpuShare;
import io.shardex.worker.device.GpuWatch;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Maker;
import io.shardex.worker.device.Placement;
import io.shardex.worker.device.Tool;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerAgentTest {
  private static final SigningKey OWNER = SigningKey.fromSeed(1, "owner");
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final String CARD = "GPU-00000000-0000-0000-0000-000000000009";
  private static final GpuReading GPU =
      new GpuReading(
          new Gpu(CARD, Maker.NVIDIA, "NVIDIA H100 PCIe", 81_559, OptionalInt.empty()),
          new GpuHealth(
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalInt.empty(),
              81_559,
              OptionalLong.empty(),
              List.of(),
              List.of()));

  @TempDir Path home = Path.of("set by JUnit");
  @TempDir Path locks = Path.of("set by JUnit");
  private final Map<String, FakeNetwork> networks =
      new TreeMap<>(Map.of("one", new FakeNetwork(), "two", new FakeNetwork()));
  private final CollectorRegistry registry = new CollectorRegistry();
  private final WorkerMetrics metrics = new WorkerMetrics(registry);
  private Tool driver = program -> Optional.empty();
  private @Nullable WorkerAgent open;

  private WorkerConfig slot(String name, Placement placement) {
    return slot(name, placement, 256);
  }

  private WorkerConfig slot(String name, Placement placement, int memoryMiB) {
    SigningKey key = SigningKey.fromSeed(1, name);
    InstantSource clock = InstantSource.system();
    return new WorkerConfig(
        name,
        TestJob.NETWORK,
        NodeAddresses.of(new NodeAddress("localhost", 1)),
        key,
        OWNER.address(),
        new EnvelopeSigner(OWNER, TestJob.NETWORK, new Nonces(clock), clock).endorse(key.address()),
        TestJob.CPU,
        memoryMiB,
        new UnitPrice(5),
        home.resolve("slots").resolve(name),
        1,
        placement);
  }

  private AgentConfig config(Placement one, Placement two) {
    return new AgentConfig(
        "agent",
        home,
        AgentConfig.CACHE_BYTES,
        Bandwidth.UNBOUNDED,
        AgentConfig.Commands.OFF,
        Optional.empty(),
        List.of(slot("one", one), slot("two", two)));
  }

  private WorkerAgent start(Placement one, Placement two) throws IOException {
    return start(config(one, two));
  }

  private WorkerAgent start(AgentConfig config) throws IOException {
    WorkerAgent agent =
        WorkerAgent.start(
            config,
            metrics,
            slot -> network(slot.name()),
            new WorkerAgent.Devices(
                () -> new Gpus(List.of(GPU), List.of()),
                gpus -> GpuWatch.over(gpus, driver),
                locks));
    open = agent;
    return agent;
  }

  private WorkerAgent start() throws IOException {
    return start(Placement.ANYWHERE, Placement.ANYWHERE);
  }

  private FakeNetwork network(String slot) {
    return Objects.requireNonNull(networks.get(slot));
  }

  /** Both slots register, and ask. */
  private void registered() throws InterruptedException {
    for (FakeNetwork network : networks.values()) {
      assertInstanceOf(Command.RegisterWorker.class, network.nextCommand());
      assertInstanceOf(Command.PlaceAsk.class, network.nextCommand());
    }
  }

  /** The same job in both networks, and a lease of another shard for each slot. */
  private void lease() throws InterruptedException {
    int shard = 0;
    for (FakeNetwork network : networks.values()) {
      network.nextListener().leased(TestJob.good(network).lease(shard++, 3));
    }
  }

  @AfterEach
  void stop() {
    if (open != null) {
      open.close();
    }
  }

  @Test
  void twoSlotsTrainTwoLeasesSideBySide() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    for (FakeNetwork network : networks.values()) {
      network.onStep(
          step -> {
            if (step == 1) {
              both.countDown();
              // Neither goes on before the other has begun.
              await(both);
            }
          });
    }
    start();
    registered();
    lease();

    for (FakeNetwork network : networks.values()) {
      assertInstanceOf(Command.StartLease.class, network.nextCommand());
      assertInstanceOf(Command.CommitResult.class, network.nextCommand());
    }
    assertEquals(0, both.getCount());
  }

  @Test
  void eachSlotIsAWorkerOfItsOwn() throws Exception {
    WorkerAgent agent = start();
    registered();

    assertEquals(List.of("one", "two"), List.copyOf(agent.status().keySet()));
    assertFalse(
        network("one")
            .envelopes()
            .getFirst()
            .signature()
            .equals(network("two").envelopes().getFirst().signature()));
  }

  @Test
  void slotsShareWhatWasFetched() throws Exception {
    start();
    registered();
    FakeNetwork first = network("one");
    TestJob job = TestJob.good(first);
    first.nextListener().leased(job.lease(0, 3));
    assertInstanceOf(Command.StartLease.class, first.nextCommand());
    assertInstanceOf(Command.CommitResult.class, first.nextCommand());

    FakeNetwork second = network("two");
    second.nextListener().leased(TestJob.good(second).lease(0, 4));
    assertInstanceOf(Command.StartLease.class, second.nextCommand());
    assertEquals(List.of(), second.takeFetched());
  }

  @Test
  void slotsThatBeginTogetherFetchEachBlobOnce() throws Exception {
    List<String> fetched = new CopyOnWriteArrayList<>();
    for (FakeNetwork network : networks.values()) {
      network.onFetch(
          what -> {
            fetched.add(what);
            LockSupport.parkNanos(100_000_000);
          });
    }
    start();
    registered();
    for (FakeNetwork network : networks.values()) {
      network.nextListener().leased(TestJob.good(network).lease(0, 3));
    }
    for (FakeNetwork network : networks.values()) {
      assertInstanceOf(Command.StartLease.class, network.nextCommand());
    }

    assertEquals(fetched.stream().distinct().toList(), fetched);
    assertFalse(fetched.isEmpty());
  }

  @Test
  void aDrainWaitsForTheLeasesOfAllSlots() throws Exception {
    CountDownLatch training = new CountDownLatch(2);
    CountDownLatch left = new CountDownLatch(2);
    for (FakeNetwork network : networks.values()) {
      network.onStep(
          step -> {
            training.countDown();
            await(left);
          });
      network.answer(
          command -> {
            if (command instanceof Command.Drain) {
              left.countDown();
            }
            return FakeNetwork.accepted();
          });
    }
    WorkerAgent agent = start();
    registered();
    lease();
    assertTrue(training.await(30, TimeUnit.SECONDS));

    assertTrue(agent.drain(() -> LONG));

    for (FakeNetwork network : networks.values()) {
      assertInstanceOf(Command.StartLease.class, network.nextCommand());
      assertInstanceOf(Command.Drain.class, network.nextCommand());
      assertInstanceOf(Command.CommitResult.class, network.nextCommand());
    }
    assertTrue(agent.status().values().stream().allMatch(slot -> slot.standing() == Standing.LEFT));
  }

  @Test
  void aDrainThatIsHurriedGivesTheLeaseUp() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    network("one")
        .onStep(
            step -> {
              training.countDown();
              await(never);
            });
    WorkerAgent agent = start();
    registered();
    lease();
    assertTrue(training.await(30, TimeUnit.SECONDS));
    int[] asked = {0};
    long begin = System.nanoTime();

    assertFalse(agent.drain(() -> asked[0]++ < 20 ? LONG : Duration.ZERO));

    assertTrue(System.nanoTime() - begin < LONG.toNanos());
  }

  @Test
  void anAgentsFolderIsForOneAgent() throws Exception {
    start();
    IOException refused = assertThrows(IOException.class, this::start);
    assertEquals("another agent uses " + home, refused.getMessage());
  }

  @Test
  void aLeaseRunsOnItsSlotsProcessorsOnly() throws Exception {
    CpuSet last = CpuSet.parse(String.valueOf(CpuSet.ofThisThread().numbers().last()));
    CpuSet[] seen = new CpuSet[1];
    CountDownLatch stepped = new CountDownLatch(1);
    network("one")
        .onStep(
            step -> {
              try {
                seen[0] = CpuSet.ofThisThread();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
              stepped.countDown();
            });
    start(new Placement(Optional.of(last), Optional.empty()), Placement.ANYWHERE);
    registered();
    lease();

    assertTrue(stepped.await(30, TimeUnit.SECONDS));
    assertEquals(last, seen[0]);
  }

  @Test
  void noSlotSaysAnythingBeforeTheGpusWereLookedAt() throws Exception {
    int[] said = {-1};
    driver =
        program -> {
          if (said[0] < 0) {
            // Long enough for a slot that did not wait to be heard.
            LockSupport.parkNanos(300_000_000);
            said[0] = network("one").envelopes().size();
          }
          return Optional.empty();
        };

    start(new Placement(Optional.empty(), Optional.of(new GpuShare("0", 100))), Placement.ANYWHERE);

    assertEquals(0, said[0]);
    assertInstanceOf(Command.RegisterWorker.class, network("two").nextCommand());
    assertInstanceOf(Command.PlaceAsk.class, network("two").nextCommand());
    assertInstanceOf(Command.RegisterWorker.class, network("one").nextCommand());
    FakeNetwork unfit = network("one");
    unfit.nextListener().leased(TestJob.good(unfit).lease(0, 3));
    assertEquals(
        Event.Failure.RUN_FAILED,
        assertInstanceOf(Command.GiveUpLease.class, unfit.nextCommand()).why());
    assertEquals(2, unfit.envelopes().size());
  }

  /** There is no such GPU on the machine that runs this, so its driver tells of none. */
  @Test
  void aSlotWithAGpuDoesNotSellWhatLibtorchTrainsOnProcessors() {
    String torch = System.getenv("SHARDEX_TORCH");
    assumeTrue(torch != null, "no libtorch is named by SHARDEX_TORCH");
    Placement gpu = new Placement(Optional.empty(), Optional.of(new GpuShare("0", 100)));
    AgentConfig config =
        new AgentConfig(
            "agent",
            home,
            AgentConfig.CACHE_BYTES,
            Bandwidth.UNBOUNDED,
            AgentConfig.Commands.OFF,
            Optional.of(Path.of(torch)),
            List.of(slot("one", gpu, 1_024)));

    IOException refused = assertThrows(IOException.class, () -> start(config));

    assertEquals(
        "slot one has GPU %s, but the libtorch in %s computes on processors; name one for CUDA by"
                .formatted(CARD, torch)
            + " PYTORCH_LIBRARY_PATH and PYTORCH_VERSION, or leave out 'torch' or 'gpu'",
        refused.getMessage());
  }

  @Test
  void aSlotWhoseGpuIsNotToldOfTakesNoLeasesAndTheOtherSlotDoes() throws Exception {
    WorkerAgent agent =
        start(
            new Placement(Optional.empty(), Optional.of(new GpuShare("0", 100))),
            Placement.ANYWHERE);

    long end = System.nanoTime() + LONG.toNanos();
    while (standing(agent, "one") != Standing.UNWELL && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertEquals(Standing.UNWELL, standing(agent, "one"));
    assertNotEquals(Standing.UNWELL, standing(agent, "two"));
    assertTrue(device(agent, "one").getLast().startsWith("nvidia-smi: "));
    assertEquals(List.of(), device(agent, "two"));
    assertEquals(
        1.0,
        registry.getSampleValue(
            "shardex_worker_gpu_findings",
            new String[] {"worker", "finding"},
            new String[] {"one", "silent"}));
    assertEquals(
        0.0,
        registry.getSampleValue(
            "shardex_worker_gpu_findings",
            new String[] {"worker", "finding"},
            new String[] {"one", "hot"}));
  }

  private static Standing standing(WorkerAgent agent, String slot) {
    return Objects.requireNonNull(agent.status().get(slot)).standing();
  }

  private static List<String> device(WorkerAgent agent, String slot) {
    return Objects.requireNonNull(agent.status().get(slot)).device();
  }

  @Test
  void slotsAreCountedTogetherAndHaveNamesOfTheirOwn() {
    AgentConfig config = config(Placement.ANYWHERE, Placement.ANYWHERE);
    assertEquals(512, config.memoryMiB());
    assertEquals(2, config.threads());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new AgentConfig(
                "agent",
                home,
                0,
                Bandwidth.UNBOUNDED,
                AgentConfig.Commands.OFF,
                Optional.empty(),
                List.of(slot("one", Placement.ANYWHERE), slot("one", Placement.ANYWHERE))));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
