package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.failure.AbstractFailureHandler;
import org.apache.ignite.failure.FailureContext;
import org.apache.ignite.failure.FailureHandler;
import org.apache.ignite.failure.FailureType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grid in Apache Ignite: one server node inside this process, several of which may share a JVM.
 *
 * <p>When the others cut this node off (segmentation), Ignite is stopped and started anew in here;
 * after any other critical failure it stays down. Meanwhile every call throws {@link
 * GridUnavailable}. Calls block: keep them off actors' threads.
 */
public final class IgniteGrid implements BlobGrid {
  private static final Logger log = LoggerFactory.getLogger(IgniteGrid.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Longer than Ignite needs to find a member dead and to go on without it. */
  private static final Duration PATIENCE = IgniteSettings.FAILURE_DETECTION.multipliedBy(2);

  private final GridConfig config;
  private final GridCalls calls;
  private final ContentStore store;
  private final Object lifecycle = new Object();
  private volatile @Nullable GridNode node;
  private final CountDownLatch closed = new CountDownLatch(1);

  private IgniteGrid(GridConfig config, InstantSource clock) {
    this.config = config;
    this.calls = new GridCalls(config.name(), PATIENCE);
    this.store =
        new ContentStore(
            new IgniteByteMap(() -> cache(IgniteSettings.PIECES), calls),
            new IgniteByteMap(() -> cache(IgniteSettings.CLAIMS), calls),
            config.quota(),
            config.uploadTtl(),
            clock);
  }

  /**
   * Starts a node and joins the members that are up. Reads and writes are possible once a majority
   * of them is: {@link #awaitActive}.
   *
   * @param clock for the age of uploads
   * @throws PortInUse if one of the two ports is taken
   * @throws GridUnavailable if Ignite does not start for another reason
   */
  public static IgniteGrid start(GridConfig config, InstantSource clock) {
    IgniteSettings.applyToJvm();
    IgniteGrid grid = new IgniteGrid(config, clock);
    grid.node = GridNode.start(config, grid.failureHandler());
    return grid;
  }

  /** Waits at most {@code patience} for a majority of the members; returns whether it is up. */
  public boolean awaitActive(Duration patience) throws InterruptedException {
    return up().awaitActive(patience);
  }

  @Override
  public List<Integer> announce(String uploader, Manifest manifest) {
    return store.announce(uploader, manifest);
  }

  @Override
  public void put(Manifest manifest, int index, byte[] chunk) {
    store.put(manifest, index, chunk);
  }

  @Override
  public Optional<Manifest> manifest(Digest blob) {
    return store.manifest(blob);
  }

  @Override
  public Optional<byte[]> chunk(Digest digest) {
    return store.chunk(digest);
  }

  @Override
  public Optional<byte[]> unverified(Digest digest) {
    return store.unverified(digest);
  }

  @Override
  public Optional<byte[]> held(Digest digest) {
    return store.held(digest);
  }

  @Override
  public BlobStat stat(Digest blob) {
    return store.stat(blob);
  }

  @Override
  public boolean delete(Digest blob) {
    return store.delete(blob);
  }

  @Override
  public boolean release(Digest blob, String uploader) {
    return store.release(blob, uploader);
  }

  /** Also makes lost partitions usable again when nothing more can come back for them. */
  @Override
  public Swept sweep(Set<Digest> live) {
    try {
      calls.await(
          () -> {
            up().giveUpLost();
            return true;
          });
    } catch (IgniteException | IllegalStateException e) {
      throw new GridUnavailable("the grid cannot serve now: " + e.getMessage(), e);
    }
    return store.sweep(live);
  }

  @Override
  public GridStatus status() {
    int expected = config.members().size();
    int nodesUp = 0;
    try {
      GridNode running = up();
      nodesUp = running.nodesUp();
      if (running.isActive()) {
        return activeStatus(running, nodesUp, expected);
      }
    } catch (GridUnavailable | IgniteException | IllegalStateException e) {
      log.debug("grid node {} has no figures now", config.name(), e);
    }
    return new GridStatus(false, nodesUp, expected, 0, 0, 0);
  }

  @Override
  public void close() {
    closed.countDown(); // before the lock, which a node that does not come back would hold
    calls.close();
    synchronized (lifecycle) {
      stopNode();
    }
  }

  /** Stops Ignite and starts it anew, as after a segmentation; tries until it works or closed. */
  void restart() {
    synchronized (lifecycle) {
      stopNode();
      Duration pause = Duration.ZERO;
      while (node == null && !isClosedWithin(pause)) {
        try {
          node = GridNode.start(config, failureHandler());
        } catch (GridFailure e) {
          log.warn("grid node {} does not come back yet: {}", config.name(), e.getMessage());
          pause = RETRY;
        }
      }
    }
  }

  private static GridStatus activeStatus(GridNode running, int nodesUp, int expected) {
    IgniteCache<String, byte[]> pieces = running.cache(IgniteSettings.PIECES);
    return new GridStatus(
        true,
        nodesUp,
        expected,
        pieces.localSizeLong(CachePeekMode.PRIMARY),
        running.usedBytes(),
        pieces.lostPartitions().size());
  }

  private IgniteCache<String, byte[]> cache(String name) {
    return up().cache(name);
  }

  private GridNode up() {
    GridNode running = node;
    if (running == null) {
      throw new GridUnavailable("grid node " + config.name() + " is down", null);
    }
    return running;
  }

  private void stopNode() {
    GridNode running = node;
    node = null;
    if (running != null) {
      running.close();
    }
  }

  private boolean isClosedWithin(Duration pause) {
    try {
      return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Ignite's default halts the JVM, where other nodes and the market live. */
  private FailureHandler failureHandler() {
    return new AbstractFailureHandler() {
      @Override
      protected boolean handle(Ignite ignite, FailureContext failure) {
        log.error("grid node {} failed: {}", config.name(), failure.type(), failure.error());
        Runnable answer =
            failure.type() == FailureType.SEGMENTATION ? IgniteGrid.this::restart : this::stop;
        // Not on the failing thread: to stop Ignite is to wait for it.
        Thread.ofPlatform().daemon().name("grid-failure-" + config.name()).start(answer);
        return true;
      }

      private void stop() {
        synchronized (lifecycle) {
          stopNode();
        }
      }
    };
  }
}
