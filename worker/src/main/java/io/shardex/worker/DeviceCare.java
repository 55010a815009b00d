package io.shardex.worker;

import io.shardex.worker.device.DeviceClaims;
import io.shardex.worker.device.GpuFinding;
import io.shardex.worker.device.GpuWatch;
import io.shardex.worker.metrics.WorkerMetrics;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a {@link GpuWatch} finds to the slots and the metrics, on a thread of its own; there
 * is none where no slot has a GPU.
 */
final class DeviceCare implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceCare.class);

  private final GpuWatch watch;
  private final Map<String, WorkerNode> slots;
  private final WorkerMetrics metrics;
  private final Thread thread;

  private DeviceCare(GpuWatch watch, Map<String, WorkerNode> slots, WorkerMetrics metrics) {
    this.watch = watch;
    this.slots = slots;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().daemon().name("shardex-gpu-watch").unstarted(this::run);
  }

  /** Starts to look, if any slot has a GPU. */
  static DeviceCare start(
      DeviceClaims claims, Map<String, WorkerNode> slots, WorkerMetrics metrics) {
    DeviceCare care = new DeviceCare(GpuWatch.over(claims.gpus()), slots, metrics);
    if (claims.hasGpus()) {
      care.thread.start();
    }
    return care;
  }

  private void run() {
    try {
      while (true) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.error("the GPUs could not be looked at", e);
        }
        Thread.sleep(GpuWatch.EVERY);
      }
    } catch (InterruptedException e) {
      LOG.debug("the GPUs are watched no longer");
    }
  }

  private void look() {
    watch
        .look()
        .forEach(
            (name, look) -> {
              WorkerNode slot = slots.get(name);
              if (slot != null) {
                metrics.gpu(name, look.temperatureC(), kinds(look));
                slot.device(look.findings());
              }
            });
  }

  private static Map<String, Boolean> kinds(GpuWatch.Look look) {
    return Arrays.stream(GpuFinding.Kind.values())
        .collect(
            Collectors.toMap(
                kind -> kind.name().toLowerCase(Locale.ROOT),
                kind -> look.findings().stream().anyMatch(one -> one.kind() == kind)));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
