package io.shardex.ops.role;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.role.WorkerSettings.OnStop;
import io.shardex.worker.WorkerNode;
import io.shardex.worker.WorkerStatus;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's agent with its operator port. */
public final class WorkerRole implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRole.class);

  private final WorkerSettings settings;
  private final WorkerNode worker;
  private final OperatorPort operator;
  private final AgentFile file;

  private WorkerRole(WorkerSettings settings) throws IOException {
    this.settings = settings;
    this.file = new AgentFile(settings.config().folder());
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
    operator.serve("/status", () -> AgentStatus.json(settings.config(), worker.status()));
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

  /**
   * Ends as the config file says, or drains if that was asked for meanwhile: then it waits for the
   * lease.
   */
  @Override
  public void close() {
    try {
      Optional<Duration> asked = file.askedToDrain();
      if (asked.isPresent() || settings.onStop() == OnStop.DRAIN) {
        drain(asked.orElse(settings.drainTimeout()));
      } else if (settings.onStop() == OnStop.LEAVE) {
        worker.close();
      } else {
        worker.pause();
      }
    } catch (IOException e) {
      LOG.warn("{} did not end in order", settings.config().name(), e);
      worker.close();
    } finally {
      operator.close();
    }
  }

  private void drain(Duration atMost) throws IOException {
    String name = settings.config().name();
    try {
      if (!worker.drain(atMost)) {
        LOG.warn("{} gave its lease up after {} s", name, atMost.toSeconds());
        file.abandoned();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("{} was interrupted and gave its lease up", name);
    }
  }
}
