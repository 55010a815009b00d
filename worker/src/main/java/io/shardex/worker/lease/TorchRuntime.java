package io.shardex.worker.lease;

import io.shardex.market.JobId;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTask;
import io.shardex.training.commitment.Digest;
import io.shardex.training.model.Bytes;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.ModelSpec;
import io.shardex.worker.runtime.ModuleTrainer;
import io.shardex.worker.runtime.torch.TorchCanary;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchProgress;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchState;
import io.shardex.worker.runtime.torch.TorchTrainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes leases of builders' own modules. For one lease at a time. */
public final class TorchRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(TorchRuntime.class);

  private final ModuleTrainer trainer;
  private final Runnable resting;
  private final Path module;

  /**
   * A runtime that keeps the module of the lease in hand in a folder of the agent's.
   *
   * @param resting lets go of what the trainer keeps for the next lease
   * @param folder on the disk of the agent's cache; made if it is not there
   */
  TorchRuntime(ModuleTrainer trainer, Runnable resting, Path folder) throws IOException {
    this.trainer = trainer;
    this.resting = resting;
    this.module = Files.createDirectories(folder).resolve("module.pt");
  }

  /**
   * Opens the libtorch in a folder and trains a toy with it.
   *
   * @param install what {@code worker install-torch} made
   * @param folder the agent's own, on the disk of its cache
   * @param memoryMiB the most that libtorch may take
   * @throws IOException naming what is missing or does not work, and the fix
   */
  public static TorchRuntime open(Path install, Path folder, int memoryMiB, int threads)
      throws IOException, InterruptedException {
    return of(tried(install, memoryMiB, threads), folder, memoryMiB, threads);
  }

  /**
   * The libtorch in a folder, once it has trained a toy.
   *
   * @throws IOException naming what is missing or does not work, and the fix
   */
  public static TorchInstall tried(Path install, int memoryMiB, int threads)
      throws IOException, InterruptedException {
    requireMemory(memoryMiB);
    TorchInstall there;
    try {
      there = TorchInstall.at(install);
    } catch (IOException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
    Optional<String> fault =
        TorchCanary.fault(new TorchTrainer(there, TorchLimits.of(memoryMiB, threads)));
    if (fault.isPresent()) {
      throw refused("a toy cannot be trained by what is in " + install + ": " + fault.get());
    }
    return there;
  }

  /** A slot's runtime, by a libtorch that was tried. */
  public static TorchRuntime of(TorchInstall install, Path folder, int memoryMiB, int threads)
      throws IOException {
    requireMemory(memoryMiB);
    TorchTrainer trainer = new TorchTrainer(install, TorchLimits.of(memoryMiB, threads));
    return new TorchRuntime(trainer::train, trainer::rest, folder);
  }

  /** Lets go of what is kept for the next lease; its memory is another one's, or it ends. */
  void rest() {
    resting.run();
  }

  private static void requireMemory(int memoryMiB) throws IOException {
    if (memoryMiB < TorchLimits.LEAST_MEMORY_MIB) {
      throw refused(
          "expected a worker of at least %d MiB, but it offers %d; raise 'memory'"
              .formatted(TorchLimits.LEAST_MEMORY_MIB, memoryMiB));
    }
  }

  private static IOException refused(String why) {
    return new IOException(
        "TorchScript modules cannot be trained here: "
            + why
            + "; mend that or set 'torch' in the worker's config file to off");
  }

  /** Whatever a module's lease needs; the module goes when it is closed. */
  record Staged(StagedShard shard, Path module) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      Files.deleteIfExists(module);
    }
  }

  /** Where the next lease's module goes; what a killed agent left there is removed. */
  Path place() throws IOException {
    Files.deleteIfExists(module);
    return module;
  }

  /** What a checkpoint of this task after {@code step} steps must be. */
  static ShardCheckpoint.Place place(ShardTask task, int step) {
    ModelSpec model = task.spec().model();
    int count = TorchShard.stateCount(model.parameterCount(), task.spec().local());
    return new ShardCheckpoint.Place(
        model,
        task.base().round(),
        task.shard(),
        step,
        0,
        Float.BYTES * count + Long.BYTES + Double.BYTES);
  }

  /**
   * Trains the shard.
   *
   * <p>A run that leaves the finite numbers would go on with what is not a number to its end. That
   * is its result: the validators find it unusable, and the builder is told so.
   *
   * @param job that the shard is of
   * @param from a checkpoint of the {@linkplain #place task's place}; the start if empty
   * @return empty when the lease is over
   * @throws LeaseFailure saying whether module or machine is at fault
   */
  Optional<ShardResult> train(
      JobId job,
      Staged staged,
      Optional<ShardCheckpoint> from,
      ShardProgress progress,
      BooleanSupplier over)
      throws LeaseFailure, InterruptedException {
    ShardTask task = staged.shard().task();
    return switch (trainer.train(
        Digest.ofBytes(job.value().bytes()),
        shard(task),
        staged.module(),
        staged.shard().samples(),
        from.map(TorchRuntime::state),
        new Saving(task, progress),
        over)) {
      case TorchOutcome.Trained trained ->
          Optional.of(result(staged, trained.lossSum(), trained.parameters()));
      case TorchOutcome.Diverged diverged -> {
        LOG.warn("a module left the finite numbers in step {}; nobody is paid", diverged.step());
        yield Optional.of(result(staged, Double.NaN, notNumbers(task.spec().model())));
      }
      case TorchOutcome.Cancelled cancelled -> Optional.empty();
      case TorchOutcome.Failed failed -> throw new LeaseFailure(whose(failed));
    };
  }

  /** Makes checkpoints of a module's states. */
  private record Saving(ShardTask task, ShardProgress progress) implements TorchProgress {
    @Override
    public void stepped(int step, int steps, double meanLoss) {
      progress.stepped(step, steps, meanLoss);
    }

    @Override
    public boolean wantsState(int step) {
      return progress.wantsCheckpoint(step);
    }

    @Override
    public void reached(TorchState state) {
      progress.reached(checkpoint(task, state));
    }
  }

  /** It has no leaves, as nothing of its run is proven. */
  private static ShardCheckpoint checkpoint(ShardTask task, TorchState state) {
    ShardCheckpoint.Place place = place(task, state.step());
    ByteBuffer bytes = ByteBuffer.allocate(place.stateBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < state.values().count(); i++) {
      bytes.putFloat(state.values().get(i));
    }
    bytes.putLong(state.step()).putDouble(state.lossSum()).flip();
    return new ShardCheckpoint(
        place.model(), place.round(), place.shard(), place.step(), List.of(), Bytes.copyOf(bytes));
  }

  private static TorchState state(ShardCheckpoint saved) {
    ByteBuffer bytes = saved.state().buffer();
    float[] values = new float[(bytes.remaining() - Long.BYTES - Double.BYTES) / Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes.getFloat();
    }
    int step = Math.toIntExact(bytes.getLong());
    return new TorchState(step, bytes.getDouble(), Parameters.of(values));
  }

  private static String whose(TorchOutcome.Failed failed) {
    return switch (failed.fault()) {
      case MODEL -> "the builder's module: " + failed.reason();
      case HOST -> "this machine's libtorch: " + failed.reason();
    };
  }

  private static ShardResult result(Staged staged, double lossSum, Parameters parameters) {
    ShardTask task = staged.shard().task();
    int samples = staged.shard().samples().count();
    return new ShardResult(
        task.spec().model(),
        task.base().round(),
        task.shard(),
        samples,
        task.spec().local().steps(samples),
        lossSum,
        parameters);
  }

  private static Parameters notNumbers(ModelSpec model) {
    float[] values = new float[model.parameterCount()];
    Arrays.fill(values, Float.NaN);
    return Parameters.of(values);
  }

  private static TorchShard shard(ShardTask task) throws LeaseFailure {
    if (!(task.spec().model() instanceof ModelSpec.TorchScript module)) {
      throw new LeaseFailure("the job's terms ask for libtorch, but its file brings no module");
    }
    ModelSpec.Image image = module.image();
    return new TorchShard(
        module.tensors(),
        task.base().parameters(),
        List.of(image.channels(), image.rows(), image.columns()),
        module.classes(),
        task.spec().local(),
        module.seed(),
        task.base().round(),
        task.shard());
  }
}
