package io.shardex.cli;

import io.shardex.cli.RoundView.Score;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.job.LocalData;
import io.shardex.training.Evaluation;
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

  private final Optional<Bench> bench;
  private final AtomicLong cpuNanos = new AtomicLong();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shardex-evaluation").factory());

  private final String without;

  /** Where models come from and what they are tried on. */
  private record Bench(ModelFetch models, Samples samples) {}

  private ModelTest(Optional<Bench> bench, String without) {
    this.bench = bench;
    this.without = without;
  }

  /** No scores at all, for this reason. */
  static ModelTest none(String why) {
    return new ModelTest(Optional.empty(), why);
  }

  static ModelTest of(ModelFetch models, Optional<LocalData.TestFiles> files)
      throws IOException, MalformedIdx {
    if (files.isEmpty()) {
      return new ModelTest(Optional.empty(), NO_DATA);
    }
    Samples samples = files.get().load(models.spec());
    return new ModelTest(Optional.of(new Bench(models, samples)), NO_DATA);
  }

  /** Scores the round later, and tells {@code found} on this test's thread. */
  void start(RoundView round, Consumer<Score> found) {
    if (bench.isEmpty()) {
      found.accept(new Score.Unknown(without));
    } else {
      thread.execute(() -> found.accept(score(round, bench.get())));
    }
  }

  private Score score(RoundView round, Bench test) {
    long before = threadCpuNanos();
    try {
      Evaluation found =
          Evaluation.of(test.models().round(round.round(), round.model()), test.samples());
      return new Score.Tested(found.accuracy(), found.meanLoss());
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
