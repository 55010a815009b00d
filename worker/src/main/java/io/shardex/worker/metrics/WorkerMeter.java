package io.shardex.worker.metrics;

import io.prometheus.client.Counter;
import java.util.function.Function;

/** One worker's counters. */
public final class WorkerMeter {
  private final Function<String, Counter.Child> leases;
  private final Counter.Child samples;
  private final Counter.Child seconds;
  private final Counter.Child audits;
  private final Counter.Child checkpoints;

  WorkerMeter(
      Function<String, Counter.Child> leases,
      Counter.Child samples,
      Counter.Child seconds,
      Counter.Child audits,
      Counter.Child checkpoints) {
    this.leases = leases;
    this.samples = samples;
    this.seconds = seconds;
    this.audits = audits;
    this.checkpoints = checkpoints;
  }

  /** A lease ended. */
  public void leaseEnded(String outcome) {
    leases.apply(outcome).inc();
  }

  /** A shard was executed again for an audit. */
  public void audited(double cpuSeconds) {
    audits.inc(cpuSeconds);
  }

  /** The market has a checkpoint. */
  public void checkpointSaved() {
    checkpoints.inc();
  }

  /** Training ran, to its end or not. */
  public void trained(long trainedSamples, double trainedSeconds) {
    samples.inc((double) trainedSamples);
    seconds.inc(trainedSeconds);
  }
}
