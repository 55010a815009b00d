package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Inputs;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ModuleTrainer;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases of builders' own modules, with trainers that do as a test says. */
class ModuleLeaseTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final int MEMORY_MIB = 1_024;
  private static final byte[] MODULE = {'P', 'K', 3, 4, 1, 2, 3};
  private static final int SAMPLES = 40;

  private static final String FILE =
      """
      apiVersion: shardex.io/v1
      kind: TrainingJob
      metadata: {name: tiny}
      spec:
        model:
          kind: torchscript
          file: m.pt
          parameters: m.safetensors
          classes: 3
          flopsPerSample: 500
          seed: 7
        data: {format: idx, train: {images: images, labels: labels}}
        shards: 2
        rounds: 4
        local: {optimizer: adam, learningRate: 0.01, batchSize: 8, epochs: 2}
        outer: {optimizer: average}
        resources: {accelerator: cpu}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
        verification: {audit: 0%}
      """;

  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final BlockingQueue<LeaseEnd> ends = new LinkedBlockingQueue<>();
  private final TorchInputs inputs = inputs();
  private String file = FILE;
  private final TrainingSpec training = plan().training();
  private LeaseRunner.Progress progress = (task, fence, step, steps, loss) -> {};
  private @Nullable LeaseFolder folder;
  private @Nullable LeaseRunner runner;

  @AfterEach
  void stop() throws IOException {
    if (runner != null) {
      runner.close();
    }
    if (folder != null) {
      folder.close();
    }
  }

  private TorchInputs inputs() {
    byte[] images =
        ByteBuffer.allocate(16 + 16 * SAMPLES)
            .putInt(0x0803)
            .putInt(SAMPLES)
            .putInt(4)
            .putInt(4)
            .array();
    byte[] labels =
        ByteBuffer.allocate(8 + SAMPLES).putInt(0x0801).putInt(SAMPLES).put((byte) 2).array();
    return new TorchInputs(
        blob(MODULE),
        blob(new byte[] {1}),
        List.of(
            new ModelSpec.Tensor("fc.weight", List.of(3, 16)),
            new ModelSpec.Tensor("fc.bias", List.of(3))),
        new DataDescription.Idx(
            network.store(images),
            images.length,
            network.store(labels),
            labels.length,
            SAMPLES,
            4,
            4,
            3));
  }

  private CommandInputs.Blob blob(byte[] content) {
    return new CommandInputs.Blob(network.store(content), content.length);
  }

  private JobPlan plan() {
    try {
      return JobPlan.of(
          JobFile.parse(file.getBytes(StandardCharsets.UTF_8)).spec(),
          inputs,
          TestJob.NETWORK,
          Instant.EPOCH);
    } catch (JobRefused e) {
      throw new AssertionError(e);
    }
  }

  /** All parameters at this value, with so many rounds behind them. */
  private RoundModel model(int round, float value) {
    float[] values = new float[training.model().parameterCount()];
    Arrays.fill(values, value);
    return new RoundModel(training.model(), round, Parameters.of(values));
  }

  private LeaseOffer offer() {
    return offer(inputs.encoded(), plan().terms());
  }

  /** The second shard of round 3. */
  private LeaseOffer offer(byte[] described, JobTerms terms) {
    return offer(described, terms, 1, Optional.empty());
  }

  private LeaseOffer offer(
      byte[] described, JobTerms terms, long fence, Optional<LeaseOffer.Checkpoint> from) {
    Digest spec = network.store(file.getBytes(StandardCharsets.UTF_8));
    return new LeaseOffer(
        new TaskId(new JobId(Digest.sha256(spec.bytes())), 3, 1),
        fence,
        60_000,
        0,
        terms,
        spec,
        network.store(described),
        network.store(model(2, 0.5f).encode()),
        false,
        from);
  }

  private LeaseEnd run(ModuleTrainer trainer, LeaseOffer offer) throws Exception {
    return run(
        new Runtimes(
            new ReferenceTrainer(1),
            Optional.of(new TorchRuntime(trainer, () -> {}, home.resolve("torch"))),
            Optional.empty(),
            ReferenceChain::new),
        offer,
        MEMORY_MIB);
  }

  private LeaseEnd run(Runtimes runtimes, LeaseOffer offer, int memoryMiB) throws Exception {
    InstantSource clock = InstantSource.system();
    LeaseFolder fresh =
        LeaseFolder.open(
            home.resolve("w"),
            network,
            TestJob.NETWORK,
            CacheFolder.open(home.resolve("cache"), 1L << 30, clock),
            memoryMiB);
    folder = fresh;
    LeaseRunner started =
        new LeaseRunner(
            new LeaseRunner.Author(
                KEY,
                new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock),
                NetworkId.of(TestJob.NETWORK)),
            network,
            fresh,
            runtimes,
            new WorkerMetrics(new CollectorRegistry()).of("w", LeaseEnd.labels()),
            (task, fence, step, steps, loss) -> progress.stepped(task, fence, step, steps, loss),
            ends::add,
            Binding.ANYWHERE,
            time -> {});
    runner = started;
    started.take(offer);
    LeaseEnd end = ends.poll(30, TimeUnit.SECONDS);
    if (end == null) {
      throw new AssertionError("no lease ended within 30 s");
    }
    return end;
  }

  private <C extends Command> List<C> sent(Class<C> kind) {
    return network.envelopes().stream()
        .map(Envelope::command)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  private byte[] committed() {
    return network.stored(sent(Command.CommitResult.class).getLast().result());
  }

  private static ModuleTrainer ending(TorchOutcome outcome) {
    return (job, shard, module, samples, from, progress, cancelled) -> outcome;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertNoModuleIsLeft() throws IOException {
    try (var files = Files.list(home.resolve("torch"))) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void whatTheTrainerComesToIsCommitted() throws Exception {
    LeaseOffer offer = offer();
    ModuleTrainer trainer =
        (job, shard, module, samples, from, progress, cancelled) -> {
          assertArrayEquals(offer.task().job().value().bytes(), job.bytes());
          assertArrayEquals(MODULE, read(module));
          assertEquals(
              new TorchShard(
                  shard.tensors(),
                  model(2, 0.5f).parameters(),
                  List.of(1, 4, 4),
                  3,
                  training.local(),
                  7,
                  2,
                  1),
              shard);
          assertEquals(
              List.of("fc.weight[3, 16]", "fc.bias[3]"),
              shard.tensors().stream().map(one -> one.name() + one.shape()).toList());
          assertEquals(20, samples.count());
          return new TorchOutcome.Trained(model(3, 0.25f).parameters(), 6, 12.5);
        };

    LeaseEnd end = run(trainer, offer);

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    ShardResult result = ShardResult.decode(committed(), training, 2, 1);
    assertEquals(model(3, 0.25f).parameters(), result.parameters());
    assertEquals(12.5, result.lossSum());
    assertEquals(1, sent(Command.StartLease.class).size());
    assertEquals(
        Inputs.of(offer.spec(), offer.data(), offer.baseModel()),
        sent(Command.CommitResult.class).getFirst().inputs());
    assertNoModuleIsLeft();
  }

  @Test
  void onlyAnAgentThatTrainsModulesAsksForThem() throws Exception {
    Runtimes without = Runtimes.training(new ReferenceTrainer(1));
    assertEquals(Set.of(RuntimeKind.REFERENCE), without.kinds());
    LeaseEnd end = run(without, offer(), MEMORY_MIB);
    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertEquals("this agent trains no TorchScript modules", end.detail());
    assertEquals(
        List.of(Event.Failure.INPUTS_UNUSABLE),
        network.envelopes().stream()
            .map(envelope -> ((Command.GiveUpLease) envelope.command()).why())
            .toList());
    assertEquals(
        Set.of(RuntimeKind.REFERENCE, RuntimeKind.TORCH),
        new Runtimes(
                new ReferenceTrainer(1),
                Optional.of(
                    new TorchRuntime(
                        ending(new TorchOutcome.Cancelled()), () -> {}, home.resolve("torch"))),
                Optional.empty(),
                ReferenceChain::new)
            .kinds());
  }

  @Test
  void anAgentThatCannotTrainModulesDoesNotStartAndSaysWhatToDo() {
    IOException small =
        assertThrows(
            IOException.class, () -> TorchRuntime.open(home, home.resolve("torch"), 511, 1));
    assertEquals(
        "TorchScript modules cannot be trained here: expected a worker of at least 512 MiB, but it"
            + " offers 511; raise 'memory'; mend that or set 'torch' in the worker's config file to"
            + " off",
        small.getMessage());
    IOException absent =
        assertThrows(
            IOException.class, () -> TorchRuntime.open(home, home.resolve("torch"), 1_024, 1));
    assertTrue(
        String.valueOf(absent.getMessage()).contains("'shardex worker install-torch --dir " + home),
        absent::toString);
  }

  @Test
  void aRunThatDivergedIsCommittedAsWhatItCameToSoThatTheValidatorsRefuseIt() throws Exception {
    LeaseEnd end = run(ending(new TorchOutcome.Diverged(3)), offer());
    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(List.of(), sent(Command.CommitDiverged.class));
    MalformedBlob refused =
        assertThrows(MalformedBlob.class, () -> ShardResult.decode(committed(), training, 2, 1));
    assertEquals(MalformedBlob.Fault.NOT_FINITE, refused.fault());
  }

  @Test
  void aFailureSaysWhoseItIsAndNothingIsCommitted() throws Exception {
    LeaseEnd model =
        run(
            ending(new TorchOutcome.Failed(TorchOutcome.Fault.MODEL, "it is no zip archive")),
            offer());
    assertEquals(LeaseEnd.Outcome.FAILED, model.outcome());
    assertEquals("the builder's module: it is no zip archive", model.detail());
    stop();
    LeaseEnd host =
        run(ending(new TorchOutcome.Failed(TorchOutcome.Fault.HOST, "no libtorch")), offer());
    assertEquals("this machine's libtorch: no libtorch", host.detail());
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertEquals(List.of(), network.uploaded());
    assertNoModuleIsLeft();
  }

  @Test
  void stepsAreToldAndALeaseThatIsOverStopsTheTrainer() throws Exception {
    LeaseOffer offer = offer();
    List<Integer> told = new CopyOnWriteArrayList<>();
    progress =
        (task, fence, step, steps, loss) -> {
          told.add(step);
          if (step == 2 && runner != null) {
            runner.gone(offer.task(), 1, "EXPIRED");
          }
        };
    ModuleTrainer trainer =
        (job, shard, module, samples, from, progress, cancelled) -> {
          for (int step = 1; !cancelled.getAsBoolean(); step++) {
            progress.stepped(step, 6, 0.5);
          }
          return new TorchOutcome.Cancelled();
        };

    LeaseEnd end = run(trainer, offer);

    assertEquals(LeaseEnd.Outcome.GONE, end.outcome());
    assertEquals("EXPIRED", end.detail());
    assertEquals(List.of(1, 2), told);
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertNoModuleIsLeft();
  }

  @Test
  void aTrainerThatIsInterruptedEndsItsLease() throws Exception {
    LeaseOffer offer = offer();
    ModuleTrainer trainer =
        (job, shard, module, samples, from, progress, cancelled) -> {
          if (runner != null) {
            runner.gone(offer.task(), 1, "EXPIRED");
          }
          Thread.sleep(60_000);
          throw new AssertionError("nobody interrupted");
        };
    assertEquals(LeaseEnd.Outcome.GONE, run(trainer, offer).outcome());
  }

  @Test
  void aModelLargerThanTheAgentsMemoryIsRefusedBeforeItsModuleIsFetched() throws Exception {
    Runtimes runtimes =
        new Runtimes(
            new ReferenceTrainer(1),
            Optional.of(
                new TorchRuntime(
                    ending(new TorchOutcome.Cancelled()), () -> {}, home.resolve("torch"))),
            Optional.empty(),
            ReferenceChain::new);
    LeaseEnd end = run(runtimes, offer(), 512);
    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertEquals("expected a shard that fits in 512 MiB, but it needs 769", end.detail());
    assertFalse(network.takeFetched().contains(inputs.module().id().toString()));
    assertEquals(List.of(), sent(Command.StartLease.class));
  }

  @Test
  void aModuleOfAnotherLengthThanDescribedIsRefused() throws Exception {
    network.storeAs(inputs.module().id(), new byte[MODULE.length + 1]);
    LeaseEnd end = run(ending(new TorchOutcome.Cancelled()), offer());
    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertEquals(List.of(), sent(Command.StartLease.class));
  }

  @Test
  void termsThatAreNotTheFilesAreNotWorkedFor() throws Exception {
    LeaseEnd end =
        run(ending(new TorchOutcome.Cancelled()), offer(inputs.data().encoded(), plan().terms()));
    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertTrue(end.detail().contains("expected a module, but none is described"), end::detail);
  }

  @Test
  void whatIsKeptForTheNextModuleGoesWithALeaseOfAnotherKindAndWithTheAgent() throws Exception {
    AtomicInteger rests = new AtomicInteger();
    Runtimes runtimes =
        new Runtimes(
            new ReferenceTrainer(1),
            Optional.of(
                new TorchRuntime(
                    ending(new TorchOutcome.Failed(TorchOutcome.Fault.HOST, "no libtorch")),
                    rests::incrementAndGet,
                    home.resolve("torch"))),
            Optional.empty(),
            ReferenceChain::new);

    run(runtimes, offer(), MEMORY_MIB);
    assertEquals(0, rests.get());

    LeaseOffer other = TestJob.good(network).lease(0, 1);
    Objects.requireNonNull(runner).take(other);
    assertEquals(other.task(), Objects.requireNonNull(ends.poll(30, TimeUnit.SECONDS)).task());
    assertEquals(1, rests.get());

    stop();
    assertEquals(2, rests.get());
  }

  /** A state of the shard, whose numbers are all this value. */
  private TorchState state(int step, float value) {
    float[] values = new float[3 * training.model().parameterCount()];
    Arrays.fill(values, value);
    return new TorchState(step, 2.5 * step, Parameters.of(values));
  }

  private LeaseOffer resumable(long fence, Optional<LeaseOffer.Checkpoint> from) {
    file = FILE + "  checkpoint: {every: 2 steps}\n";
    return offer(inputs.encoded(), plan().terms(), fence, from);
  }

  /** Takes steps 1 and 2, tells the state after the second, and stops. */
  private static ModuleTrainer lostAfterTwo(TorchState state) {
    return (job, shard, module, samples, from, progress, cancelled) -> {
      progress.stepped(1, 6, 0.5);
      assertFalse(progress.wantsState(1));
      progress.stepped(2, 6, 0.5);
      assertTrue(progress.wantsState(2));
      progress.reached(state);
      while (!cancelled.getAsBoolean() && !progress.wantsState(6)) {
        Thread.sleep(1);
      }
      return new TorchOutcome.Failed(TorchOutcome.Fault.HOST, "it was lost");
    };
  }

  @Test
  void aModulesStateIsSavedAndAnotherAgentGoesOnFromIt() throws Exception {
    TorchState saved = state(2, 0.125f);
    assertEquals(
        LeaseEnd.Outcome.FAILED,
        run(lostAfterTwo(saved), resumable(1, Optional.empty())).outcome());
    Command.SaveCheckpoint save = sent(Command.SaveCheckpoint.class).getLast();
    assertEquals(2, save.step());
    stop();
    List<Integer> told = new CopyOnWriteArrayList<>();
    progress = (task, fence, step, steps, loss) -> told.add(step);
    LeaseOffer offer =
        resumable(2, Optional.of(new LeaseOffer.Checkpoint(save.step(), save.blob())));

    LeaseEnd end =
        run(
            (job, shard, module, samples, from, progress, cancelled) -> {
              assertEquals(Optional.of(saved), from);
              progress.stepped(3, 6, 0.5);
              return new TorchOutcome.Trained(model(3, 0.25f).parameters(), 6, 12.5);
            },
            offer);

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(List.of(3), told);
    assertEquals(
        Inputs.of(offer.spec(), offer.data(), offer.baseModel(), save.blob()),
        sent(Command.CommitResult.class).getLast().inputs());
  }

  @Test
  void aModulesCheckpointOfAnotherShapeOrStepOrNotFiniteIsNotGoneOnFrom() throws Exception {
    run(lostAfterTwo(state(2, 0.125f)), resumable(1, Optional.empty()));
    stop();
    byte[] sound = network.stored(sent(Command.SaveCheckpoint.class).getLast().blob());
    byte[] infinite = sound.clone();
    infinite[sound.length - 17] = 0x7f;
    infinite[sound.length - 18] = (byte) 0x80;
    long fence = 2;
    for (LeaseOffer.Checkpoint from :
        List.of(
            new LeaseOffer.Checkpoint(3, network.store(sound)),
            new LeaseOffer.Checkpoint(2, network.store(Arrays.copyOf(sound, sound.length + 4))),
            new LeaseOffer.Checkpoint(2, network.store(infinite)),
            new LeaseOffer.Checkpoint(2, network.store(model(2, 0.5f).encode())))) {
      LeaseOffer offer = resumable(fence++, Optional.of(from));
      LeaseEnd end =
          run(
              (job, shard, module, samples, state, progress, cancelled) -> {
                assertEquals(Optional.empty(), state);
                return new TorchOutcome.Trained(model(3, 0.25f).parameters(), 6, 12.5);
              },
              offer);
      assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
      assertEquals(
          Inputs.of(offer.spec(), offer.data(), offer.baseModel()),
          sent(Command.CommitResult.class).getLast().inputs());
      stop();
    }
  }

  @Test
  void aWorkerThatLeavesSavesItsModulesState() throws Exception {
    ModuleTrainer trainer =
        (job, shard, module, samples, from, progress, cancelled) -> {
          progress.stepped(1, 6, 0.5);
          assertFalse(progress.wantsState(1));
          if (runner != null) {
            assertFalse(runner.leave(Duration.ZERO));
          }
          assertFalse(cancelled.getAsBoolean(), "it may still be saved");
          assertTrue(progress.wantsState(1));
          progress.reached(state(1, 0.125f));
          assertTrue(cancelled.getAsBoolean());
          return new TorchOutcome.Cancelled();
        };

    LeaseEnd end = run(trainer, resumable(1, Optional.empty()));

    assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome(), end.detail());
    assertEquals(1, sent(Command.SaveCheckpoint.class).getLast().step());
    assertEquals(Event.Failure.LEAVING, sent(Command.GiveUpLease.class).getLast().why());
  }
}
