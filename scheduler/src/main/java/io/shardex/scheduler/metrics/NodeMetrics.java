package io.shardex.scheduler.metrics;

import io.grpc.Status;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.shardex.market.Envelope;
import io.shardex.market.Fact;
import io.shardex.market.Outcome;
import io.shardex.scheduler.attest.Attestor;
import io.shardex.scheduler.gateway.GatewayMetrics;
import io.shardex.scheduler.replica.MarketReplica;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts what a node does. Gauges of what it holds are in {@link NodeGauges}. */
public final class NodeMetrics
    implements MarketReplica.CommandCount, Attestor.AttestationCount, GatewayMetrics {
  private final String node;
  private final Counter commands;
  private final Counter attestations;
  private final Counter executions;
  private final Gauge sessions;
  private final Counter requests;
  private final Histogram durations;
  private final AtomicBoolean forked = new AtomicBoolean();

  public NodeMetrics(String node, CollectorRegistry registry) {
    this.node = node;
    this.commands =
        Counter.build("shardex_commands_total", "Commands applied, by kind and outcome")
            .labelNames("node", "kind", "outcome")
            .register(registry);
    this.attestations =
        Counter.build("shardex_attestations_total", "Facts this validator looked at, by outcome")
            .labelNames("node", "fact", "outcome")
            .register(registry);
    this.executions =
        Counter.build(
                "shardex_dispute_cpu_seconds_total",
                "CPU-seconds spent on executing disputed shards")
            .labelNames("node")
            .register(registry);
    executions.labels(node);
    this.sessions =
        Gauge.build("shardex_gateway_sessions", "Open streams, by role")
            .labelNames("node", "role")
            .register(registry);
    this.requests =
        Counter.build("shardex_gateway_requests_total", "Calls answered, by method and code")
            .labelNames("node", "method", "code")
            .register(registry);
    this.durations =
        Histogram.build(
                "shardex_gateway_request_seconds",
                "From a call's start to its answer; calls that stream their answer are not timed")
            .labelNames("node", "method")
            .buckets(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
            .register(registry);
    for (Role role : Role.values()) {
      sessions(role, 0);
    }
  }

  @Override
  public void sessions(Role role, int change) {
    sessions.labels(node, role.name().toLowerCase(Locale.ROOT)).inc(change);
  }

  @Override
  public void answered(String method, Status.Code code) {
    requests.labels(node, method, code.name()).inc();
  }

  @Override
  public void took(String method, double seconds) {
    durations.labels(node, method).observe(seconds);
  }

  @Override
  public void applied(Envelope envelope, Outcome outcome) {
    String result =
        switch (outcome) {
          case Outcome.Accepted accepted -> "accepted";
          case Outcome.Rejected rejected ->
              rejected.rejection().reason().name().toLowerCase(Locale.ROOT);
        };
    commands.labels(node, envelope.command().getClass().getSimpleName(), result).inc();
  }

  @Override
  public void attested(Fact fact) {
    attestations.labels(node, fact.getClass().getSimpleName(), "attested").inc();
  }

  @Override
  public void couldNotTell(Fact fact) {
    attestations.labels(node, fact.getClass().getSimpleName(), "could_not_tell").inc();
  }

  /** A disputed shard was executed here. */
  public void executed(double cpuSeconds) {
    executions.labels(node).inc(cpuSeconds);
  }

  /** CPU-seconds of all executions so far. */
  public double executionSeconds() {
    return executions.labels(node).get();
  }

  @Override
  public void forked() {
    forked.set(true);
  }

  boolean isForked() {
    return forked.get();
  }
}
