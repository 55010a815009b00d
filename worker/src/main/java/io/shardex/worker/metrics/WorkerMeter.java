package io.shardex.worker.metrics;

import io.prometheus.client.Counter;
import java.util.function.Function;

/** One worker's counters. */
public final class WorkerMeter {
  private final Function<String, Counter.Child> leases;
  private final Counter.Child samples;
  private final Counter.Child seconds;

  WorkerMeter(
      Function<String, Counter.Child> leases, Counter.Child samples, Counter.Child seconds) {
    this.leases = leases;
    this.samples = samples;
    this.seconds = seconds;
  }

  /** A lease ended. */
  public void leaseEnded(String outcome) {
    leases.apply(outcome).inc();
  }

  /** Training ran, to its end or not. */
  public void trained(long trainedSamples, double trainedSeconds) {
    samples.inc((double) trainedSamples);
    seconds.inc(trainedSeconds);
  }
}
