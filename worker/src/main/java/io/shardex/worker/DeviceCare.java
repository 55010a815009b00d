package io.shardex.worker;

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

  /**
   * Goes on to look, if any slot has a GPU.
   *
   * @param first what was found before the slots started
   */
  static DeviceCare start(
      GpuWatch watch,
      Map<String, GpuWatch.Look> first,
      Map<String, WorkerNode> slots,
      WorkerMetrics metrics) {
    DeviceCare care = new DeviceCare(watch, slots, metrics);
    if (!first.isEmpty()) {
      care.tell(first);
      care.thread.start();
    }
    return care;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(GpuWatch.EVERY);
        try {
          tell(watch.look());
        } catch (RuntimeException e) {
          LOG.error("the GPUs could not be looked at", e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the GPUs are watched no longer");
    }
  }

  private void tell(Map<String, GpuWatch.Look> looks) {
    looks.forEach(
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
