package io.shardex.ops.demo;

import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobSpec;
import io.shardex.training.PlainTraining;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.TrainingSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that trains a job file's job and does nothing else: what the same training costs
 * without a marketplace. Prints {@code round N} after each round, then {@code model HEX} (SHA-256
 * of the final round model), {@code blob HEX} (its blob id), {@code cpuSeconds S} and {@code
 * wallSeconds S}.
 */
final class PlainTrainingChild {
  private PlainTrainingChild() {}

  /**
   * Trains.
   *
   * @param arguments the job file
   */
  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    long before = cpuNanos();
    Path file = Path.of(arguments[0]).toAbsolutePath();
    JobSpec spec = JobFile.read(file).spec();
    JobSpec.Model.Reference model = (JobSpec.Model.Reference) spec.model();
    Samples samples = spec.data().train().load(file.resolveSibling(""), model.spec());
    RoundModel trained =
        PlainTraining.run(
            new TrainingSpec(
                model.spec(),
                spec.local(),
                spec.outer(),
                spec.shards(),
                spec.rounds(),
                spec.data().limit().orElse(samples.count())),
            samples,
            (round, loss, reached) -> System.out.println("round " + round));
    System.out.println("model " + trained.digest().hex());
    System.out.println("blob " + Manifest.of(trained.encode()).id().hex());
    // Without the start of the JVM, which the marketplace's figure does not contain either.
    System.out.println(
        "cpuSeconds " + (cpuNanos() - before) / (double) TimeUnit.SECONDS.toNanos(1));
    System.out.println(
        "wallSeconds " + (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1));
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
