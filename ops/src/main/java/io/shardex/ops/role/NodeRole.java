package io.shardex.ops.role;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.scheduler.LostLog;
import io.shardex.scheduler.SchedulerNode;
import io.shardex.scheduler.UnfinishedReplacement;
import io.shardex.scheduler.gateway.GatewayPortInUse;
import io.shardex.scheduler.grid.GridUnavailable;
import io.shardex.scheduler.grid.IgniteGrid;
import io.shardex.scheduler.grid.PortInUse;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A scheduler node with all it stands on: its part of the grid, its eye on the chain, its port. */
public final class NodeRole implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRole.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final SchedulerNode node;
  private final CompletableFuture<Optional<Throwable>> stopped;

  private NodeRole(NodeSettings settings) throws IOException {
    try {
      // Before the grid, which would join the others' and leave it again.
      SchedulerNode.requireLog(settings.config());
      DiskWatch disk = opened(DiskWatch.start(settings.state(), settings.leastDisk()));
      ChainClient chain = opened(chain(settings));
      IgniteGrid grid = opened(IgniteGrid.start(settings.grid(), InstantSource.system()));
      CollectorRegistry registry = new CollectorRegistry();
      DefaultExports.register(registry);
      SchedulerNode started =
          opened(
              SchedulerNode.start(
                  settings.config(),
                  new SchedulerNode.Ground(grid, chain, registry, InstantSource.system())));
      this.node = started;
      this.stopped = disk.full().applyToEither(started.stopped(), why -> why);
      opened(
          OperatorPort.open(
              new InetSocketAddress(settings.operatorBind(), settings.operatorPort()),
              List.of(registry),
              () -> !stopped.isDone(),
              Map.of(settings.id(), started::isReady)));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts the node; it is ready when a majority of the nodes is up.
   *
   * @throws Trouble naming the port that is in use, or what else is wrong
   */
  public static NodeRole start(NodeSettings settings) {
    String id = settings.id();
    String replace = "shardex node replace --config " + settings.file();
    try {
      return new NodeRole(settings);
    } catch (PortInUse taken) {
      throw Trouble.environment(id + ": " + taken.getMessage(), stopOther(id, "the grid of " + id));
    } catch (GatewayPortInUse taken) {
      throw Trouble.environment(
          "port " + taken.port() + " is in use, and the gateway of " + id + " needs it",
          stopOther(id, "it"));
    } catch (LostLog lost) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          String.valueOf(lost.getMessage()),
          "If its state folder was moved, move it back; a backup would be older than its last"
              + " vote. If it is lost, run '%s' while the other nodes are up".formatted(replace),
          lost);
    } catch (UnfinishedReplacement unfinished) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          String.valueOf(unfinished.getMessage()),
          "Run '"
              + replace
              + "' again; if the node was replaced on another machine, let it run there",
          unfinished);
    } catch (DiskWatch.DiskFull full) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          id + " cannot start: " + full.getMessage(),
          "Make room there, or lower 'disk.least' in its config file",
          full);
    } catch (GridUnavailable broken) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          String.valueOf(broken.getMessage()),
          "See shardex.log in " + settings.state(),
          broken);
    } catch (IOException e) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          id + " cannot start: " + e.getMessage(),
          "See shardex.log in " + settings.state() + "; a second node of the same id must not run",
          e);
    }
  }

  private static String stopOther(String id, String who) {
    return "Stop what listens there, maybe another "
        + id
        + "; where "
        + who
        + " listens stands in the network file";
  }

  /** The chain may be away at a start, but another chain is a mistake. */
  private static ChainClient chain(NodeSettings settings) {
    long chainId = settings.config().network().network().chainId();
    ChainClient chain = ChainClient.open(settings.rpc(), chainId);
    try {
      var unused = chain.latestBlock();
    } catch (ChainFailure.WrongChain e) {
      chain.close();
      throw new Trouble(
          ExitCode.USAGE,
          String.valueOf(e.getMessage()),
          "Mend 'chain.rpc' in the config file or 'rpc' in the network file",
          e);
    } catch (ChainFailure e) {
      LOG.warn("{} starts without the chain: {}", settings.id(), e.getMessage());
    }
    return chain;
  }

  public boolean isReady() {
    return node.isReady();
  }

  /** Completes when the node stopped by itself, with the failure if there is one. */
  public CompletableFuture<Optional<Throwable>> stopped() {
    return stopped;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }
}
