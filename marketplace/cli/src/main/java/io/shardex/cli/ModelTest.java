package io.shardex.cli;

import io.shardex.cli.RoundView.Score;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.job.LocalData;
import io.shardex.training.Evaluation;
import io.shardex.training.data.IdxPair;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.model.MalformedBlob;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Judges each round's model on the builder's own test data, on one thread of its own. */
final class ModelTest implements AutoCloseable {
  private static final String NO_DATA = "the job file names no test data";

  private final ModelFetch models;
  private final Optional<Samples> samples;
  private final AtomicLong cpuNanos = new AtomicLong();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shardex-evaluation").factory());

  private ModelTest(ModelFetch models, Optional<Samples> samples) {
    this.models = models;
    this.samples = samples;
  }

  static ModelTest of(ModelFetch models, Optional<LocalData.TestFiles> files)
      throws IOException, MalformedIdx {
    if (files.isEmpty()) {
      return new ModelTest(models, Optional.empty());
    }
    return new ModelTest(
        models, Optional.of(IdxPair.load(files.get().images(), files.get().labels())));
  }

  /** Scores the round later, and tells {@code found} on this test's thread. */
  void start(RoundView round, Consumer<Score> found) {
    if (samples.isEmpty()) {
      found.accept(new Score.Unknown(NO_DATA));
    } else {
      thread.execute(() -> found.accept(score(round, samples.get())));
    }
  }

  private Score score(RoundView round, Samples test) {
    long before = threadCpuNanos();
    try {
      return new Score.Accuracy(
          Evaluation.of(models.round(round.round(), round.model()), test).accuracy());
    } catch (ClientFailure | MalformedBlob e) {
      return new Score.Unknown(String.valueOf(e.getMessage()));
    } finally {
      cpuNanos.addAndGet(threadCpuNanos() - before);
    }
  }

  private static long threadCpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** Processor time of all scores so far, fetching included. */
  double cpuSeconds() {
    return cpuNanos.get() / (double) TimeUnit.SECONDS.toNanos(1);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
