package io.shardex.ops.role;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.role.WorkerSettings.OnStop;
import io.shardex.worker.WorkerAgent;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerStatus;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's agent with its operator port. */
public final class WorkerRole implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRole.class);

  private final WorkerSettings settings;
  private final WorkerAgent agent;
  private final OperatorPort operator;
  private final AgentFile file;

  private WorkerRole(WorkerSettings settings) throws IOException {
    this.settings = settings;
    this.file = new AgentFile(settings.agent().folder());
    CollectorRegistry registry = new CollectorRegistry();
    DefaultExports.register(registry);
    this.agent = WorkerAgent.start(settings.agent(), new WorkerMetrics(registry));
    try {
      this.operator =
          OperatorPort.open(
              settings.operatorPort(), List.of(registry), this::isHealthy, readiness());
    } catch (IOException | RuntimeException e) {
      agent.pause();
      throw e;
    }
    operator.serve("/status", () -> AgentStatus.json(settings.agent(), agent.status()));
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
          settings.agent().name() + " cannot start: " + e.getMessage(),
          "See its state folder " + settings.agent().folder());
    }
  }

  private boolean isHealthy() {
    return status().values().stream()
        .noneMatch(slot -> slot.standing() == WorkerStatus.Standing.REFUSED);
  }

  private Map<String, BooleanSupplier> readiness() {
    Map<String, BooleanSupplier> ready = new TreeMap<>();
    for (WorkerConfig slot : settings.agent().slots()) {
      ready.put(slot.name(), () -> isReady(slot.name()));
    }
    return ready;
  }

  /** Whether the slot's ask stands, or it works. */
  private boolean isReady(String slot) {
    WorkerStatus status = status().get(slot);
    return status != null
        && (status.standing() == WorkerStatus.Standing.ASKING || status.lease().isPresent());
  }

  /** How each slot stands, by its name. */
  public SortedMap<String, WorkerStatus> status() {
    return agent.status();
  }

  /** The operator port on 127.0.0.1. */
  public int operatorPort() {
    return operator.port();
  }

  /**
   * Ends as the config file says, or drains if that was asked for meanwhile: then it waits for the
   * leases.
   */
  @Override
  public void close() {
    try {
      if (file.askedToDrain().isPresent() || settings.onStop() == OnStop.DRAIN) {
        drain();
      } else if (settings.onStop() == OnStop.LEAVE) {
        agent.close();
      } else {
        agent.pause();
      }
    } catch (IOException e) {
      LOG.warn("{} did not end in order", settings.agent().name(), e);
      agent.close();
    } finally {
      operator.close();
    }
  }

  /** How long is asked for anew all the time: whoever asks again with less hurries it. */
  private void drain() throws IOException {
    String name = settings.agent().name();
    long begin = System.nanoTime();
    Supplier<Duration> left =
        () ->
            file.askedToDrain()
                .orElse(settings.drainTimeout())
                .minusNanos(System.nanoTime() - begin);
    try {
      if (!agent.drain(left)) {
        LOG.warn("{} gave up a lease", name);
        file.abandoned();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("{} was interrupted and gave its leases up", name);
    }
  }
}
