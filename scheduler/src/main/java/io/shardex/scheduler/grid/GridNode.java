package io.shardex.scheduler.grid;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteCluster;
import org.apache.ignite.IgniteException;
import org.apache.ignite.Ignition;
import org.apache.ignite.cluster.BaselineNode;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.events.Event;
import org.apache.ignite.events.EventType;
import org.apache.ignite.failure.FailureHandler;
import org.apache.ignite.lang.IgnitePredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one Ignite server node, from start to stop.
 *
 * <p>The oldest node up activates the grid when a majority of the members (or of the baseline, once
 * there is one) is up, and takes members that join later into the baseline, which persistence would
 * otherwise leave without data. It never takes one out: that is an operator's decision.
 */
final class GridNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GridNode.class);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final GridConfig config;
  private final Ignite ignite;
  private final CompletableFuture<Void> active = new CompletableFuture<>();
  private final ExecutorService steward;

  private GridNode(GridConfig config, Ignite ignite) {
    this.config = config;
    this.ignite = ignite;
    this.steward =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("grid-steward-" + config.name()).factory());
  }

  /**
   * Starts Ignite and joins the others that are up; does not wait for a majority.
   *
   * @throws PortInUse if one of its two ports is taken
   * @throws GridUnavailable if Ignite does not start for another reason
   */
  static GridNode start(GridConfig config, FailureHandler onFailure) {
    requireFree(config, null);
    GridNode node;
    try {
      node = new GridNode(config, Ignition.start(IgniteSettings.of(config, onFailure)));
    } catch (IgniteException e) {
      requireFree(config, e);
      throw new GridUnavailable("grid node " + config.name() + " did not start: " + e, e);
    }
    IgnitePredicate<Event> wake = event -> node.wake();
    node.ignite
        .events()
        .localListen(
            wake,
            EventType.EVT_NODE_JOINED,
            EventType.EVT_NODE_LEFT,
            EventType.EVT_NODE_FAILED,
            EventType.EVT_CLUSTER_STATE_CHANGED);
    node.wake();
    return node;
  }

  IgniteCache<String, byte[]> cache(String name) {
    if (!ignite.cluster().state().active()) {
      throw new GridUnavailable(
          "the grid waits for a majority: %d of %d nodes are up"
              .formatted(nodesUp(), config.members().size()),
          null);
    }
    return ignite.cache(name);
  }

  boolean isActive() {
    return active.isDone() && ignite.cluster().state().active();
  }

  int nodesUp() {
    return ignite.cluster().forServers().nodes().size();
  }

  /** Its successor is a metrics exporter of one's own, too much for one figure. */
  @SuppressWarnings("deprecation")
  long usedBytes() {
    return Optional.ofNullable(ignite.dataRegionMetrics(IgniteSettings.REGION))
        .map(metrics -> metrics.getTotalUsedSize())
        .orElse(0L);
  }

  /** Waits until reads and writes are possible; returns whether they are. */
  boolean awaitActive(Duration patience) throws InterruptedException {
    try {
      active.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new AssertionError("nothing completes it exceptionally", e);
    }
  }

  /**
   * Makes lost partitions usable again once nothing more can come back for them: at once in memory,
   * with persistence when the whole baseline is up. What they held and nobody brought back is
   * absent then.
   */
  void giveUpLost() {
    IgniteCluster cluster = ignite.cluster();
    if (!config.persistent() || upOf(baseline(cluster)) == baseline(cluster).size()) {
      ignite.resetLostPartitions(Set.of(IgniteSettings.PIECES, IgniteSettings.CLAIMS));
    }
  }

  @Override
  public void close() {
    steward.shutdownNow();
    Ignition.stop(config.name(), true);
  }

  private boolean wake() {
    try {
      steward.execute(this::tend);
      return true;
    } catch (RejectedExecutionException closing) {
      return false;
    }
  }

  private void tend() {
    try {
      IgniteCluster cluster = ignite.cluster();
      if (!cluster.state().active() && isOldest() && hasMajority(cluster)) {
        cluster.state(ClusterState.ACTIVE);
      }
      if (cluster.state().active()) {
        active.complete(null);
        if (config.persistent() && isOldest()) {
          takeNewcomersIn(cluster);
        }
      }
    } catch (IgniteException | IllegalStateException e) {
      if (!steward.isShutdown()) {
        log.info("grid node {} tries again to activate the grid: {}", config.name(), e.toString());
        CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
            .execute(this::wake);
      }
    }
  }

  private boolean isOldest() {
    ClusterNode oldest = ignite.cluster().forServers().forOldest().node();
    return oldest != null && oldest.isLocal();
  }

  private boolean hasMajority(IgniteCluster cluster) {
    Collection<BaselineNode> baseline = baseline(cluster);
    return baseline.isEmpty()
        ? nodesUp() >= config.majority()
        : 2 * upOf(baseline) > baseline.size();
  }

  private void takeNewcomersIn(IgniteCluster cluster) {
    Collection<BaselineNode> grown = new HashSet<>(baseline(cluster));
    Set<Object> known = new HashSet<>(grown.stream().map(BaselineNode::consistentId).toList());
    for (ClusterNode node : cluster.forServers().nodes()) {
      if (known.add(node.consistentId())) {
        grown.add(node);
      }
    }
    if (grown.size() > baseline(cluster).size()) {
      cluster.setBaselineTopology(grown);
    }
  }

  private int upOf(Collection<BaselineNode> baseline) {
    Set<Object> up = new HashSet<>();
    ignite.cluster().forServers().nodes().forEach(node -> up.add(node.consistentId()));
    return (int) baseline.stream().filter(node -> up.contains(node.consistentId())).count();
  }

  private static Collection<BaselineNode> baseline(IgniteCluster cluster) {
    return Optional.ofNullable(cluster.currentBaselineTopology()).orElse(Set.of());
  }

  /** Ignite's own error for a taken port names a range of ports and hides the cause. */
  private static void requireFree(GridConfig config, @Nullable Exception cause) {
    requireFree(config.host(), config.discoveryPort(), "discovery", cause);
    requireFree(config.host(), config.communicationPort(), "communication", cause);
  }

  private static void requireFree(
      String host, int port, String purpose, @Nullable Exception cause) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (BindException e) {
      throw new PortInUse(host, port, purpose, cause == null ? e : cause);
    } catch (IOException e) {
      throw new GridUnavailable("cannot listen on " + host + ":" + port + ": " + e, e);
    }
  }
}
