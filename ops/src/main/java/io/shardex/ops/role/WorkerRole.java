package io.shardex.ops.role;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.worker.WorkerNode;
import io.shardex.worker.WorkerStatus;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A worker's agent with its operator port. */
public final class WorkerRole implements AutoCloseable {
  private final WorkerSettings settings;
  private final WorkerNode worker;
  private final OperatorPort operator;

  private WorkerRole(WorkerSettings settings) throws IOException {
    this.settings = settings;
    CollectorRegistry registry = new CollectorRegistry();
    DefaultExports.register(registry);
    this.worker = WorkerNode.start(settings.config(), new WorkerMetrics(registry));
    try {
      this.operator =
          OperatorPort.open(
              settings.operatorPort(),
              List.of(registry),
              () -> worker.status().standing() != WorkerStatus.Standing.REFUSED,
              Map.of(settings.config().name(), this::isReady));
    } catch (IOException | RuntimeException e) {
      worker.pause();
      throw e;
    }
  }

  /**
   * Starts the agent; returns before it has reached any node.
   *
   * @throws Trouble naming what is in use
   */
  public static WorkerRole start(WorkerSettings settings) {
    try {
      return new WorkerRole(settings);
    } catch (IOException e) {
      throw Trouble.environment(
          settings.config().name() + " cannot start: " + e.getMessage(),
          "See its state folder " + settings.config().folder());
    }
  }

  /** Whether its ask stands, or it works. */
  public boolean isReady() {
    WorkerStatus status = worker.status();
    return status.standing() == WorkerStatus.Standing.ASKING || status.lease().isPresent();
  }

  public WorkerStatus status() {
    return worker.status();
  }

  /** The operator port on 127.0.0.1. */
  public int operatorPort() {
    return operator.port();
  }

  @Override
  public void close() {
    operator.close();
    switch (settings.onStop()) {
      case LEAVE -> worker.close();
      case PAUSE -> worker.pause();
    }
  }
}
