package io.shardex.worker.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalInt;

/** The figures of all agents of one process; make one for each registry. */
public final class WorkerMetrics {
  private final Counter leases;
  private final Counter samples;
  private final Counter seconds;
  private final Counter audits;
  private final Counter checkpoints;
  private final Gauge temperature;
  private final Gauge findings;

  public WorkerMetrics(CollectorRegistry registry) {
    this.leases =
        Counter.build(
                "shardex_worker_leases_total", "Leases of a worker that ended, by how they ended.")
            .labelNames("worker", "outcome")
            .register(registry);
    this.samples =
        Counter.build(
                "shardex_worker_training_samples_total",
                "Samples a worker trained on, each local epoch counted.")
            .labelNames("worker")
            .register(registry);
    this.seconds =
        Counter.build(
                "shardex_worker_training_seconds_total", "Wall-clock seconds a worker trained.")
            .labelNames("worker")
            .register(registry);
    this.audits =
        Counter.build(
                "shardex_worker_audit_cpu_seconds_total",
                "CPU-seconds of the lease's thread that a worker spent on audits.")
            .labelNames("worker")
            .register(registry);
    this.checkpoints =
        Counter.build(
                "shardex_worker_checkpoints_total",
                "Checkpoints of a worker's shards that the market has taken.")
            .labelNames("worker")
            .register(registry);
    this.temperature =
        Gauge.build(
                "shardex_worker_gpu_temperature_celsius",
                "Temperature of the GPU that a worker's slot has, as its driver tells it.")
            .labelNames("worker")
            .register(registry);
    this.findings =
        Gauge.build(
                "shardex_worker_gpu_findings",
                "Whether something of this kind is wrong with the GPU of a worker's slot.")
            .labelNames("worker", "finding")
            .register(registry);
  }

  /**
   * How the GPU of a worker's slot is.
   *
   * @param celsius if it is known
   * @param kinds all kinds of findings, and whether there is one
   */
  public void gpu(String worker, OptionalInt celsius, Map<String, Boolean> kinds) {
    celsius.ifPresentOrElse(
        value -> temperature.labels(worker).set(value), () -> temperature.remove(worker));
    kinds.forEach((kind, found) -> findings.labels(worker, kind).set(found ? 1 : 0));
  }

  /** What all workers spent on audits, in CPU-seconds. */
  public double auditSeconds() {
    return audits.collect().stream()
        .flatMap(family -> family.samples.stream())
        .filter(sample -> sample.name.endsWith("_total"))
        .mapToDouble(sample -> sample.value)
        .sum();
  }

  /** The counters of one worker; its series exist from now on. */
  public WorkerMeter of(String worker, Collection<String> outcomes) {
    outcomes.forEach(outcome -> leases.labels(worker, outcome));
    return new WorkerMeter(
        outcome -> leases.labels(worker, outcome),
        samples.labels(worker),
        seconds.labels(worker),
        audits.labels(worker),
        checkpoints.labels(worker));
  }
}
