package io.shardex.scheduler.grid;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.replica.MarketReplica;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the grid to what the market still needs. What that is follows from the state alone, so
 * nothing has to be counted: a job's file, data and models while the job is in the state, the
 * results of its open round, and the checkpoints that its shards may go on from. The grid itself
 * spares young uploads.
 */
public final class GridHost implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GridHost.class);

  private final MarketReplica replica;
  private final BlobGrid grid;
  private final DataDescriptions data;
  private final Map<Digest, Address> checkpoints = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private GridHost(MarketReplica replica, BlobGrid grid) {
    this.replica = replica;
    this.grid = grid;
    this.data = new DataDescriptions(grid);
  }

  /** Sweeps every so often until closed. */
  public static GridHost start(MarketReplica replica, BlobGrid grid, Duration every) {
    GridHost host = new GridHost(replica, grid);
    Thread.ofVirtual().name("grid-host").start(() -> host.run(every));
    return host;
  }

  private void run(Duration every) {
    try {
      while (!closed.await(every.toMillis(), TimeUnit.MILLISECONDS)) {
        sweep();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Remembers checkpoints, to give up the claims on those that others have taken the place of: a
   * shard may leave many behind, and its worker's quota is small.
   */
  public void hear(Committed committed) {
    if (committed instanceof Committed.Happened happened) {
      for (Event event : happened.events()) {
        if (event instanceof Event.CheckpointSaved saved) {
          checkpoints.put(saved.blob(), saved.worker());
        }
      }
    }
  }

  /** Removes what the market does not need; what cannot be removed now waits for the next time. */
  void sweep() {
    try {
      Set<Digest> live = live();
      releaseCheckpoints(live);
      Swept swept = grid.sweep(live);
      log.debug("swept the grid: {}", swept);
    } catch (RuntimeException e) {
      log.warn("the grid cannot be swept now: {}", e.getMessage());
    }
  }

  /** Only its worker's own claim: it may have named a blob that somebody else has put. */
  private void releaseCheckpoints(Set<Digest> live) {
    for (Map.Entry<Digest, Address> saved : List.copyOf(checkpoints.entrySet())) {
      if (!live.contains(saved.getKey())) {
        boolean unused = grid.release(saved.getKey(), Uploader.WORKER.named(saved.getValue()));
        checkpoints.remove(saved.getKey());
      }
    }
  }

  private Set<Digest> live() {
    Set<Digest> live = replica.read(GridHost::named);
    for (Digest description : replica.read(GridHost::descriptions)) {
      live.addAll(data.listedBy(description));
    }
    return live;
  }

  private static Set<Digest> named(MarketState state) {
    Set<Digest> named = descriptions(state);
    for (Job job : state.jobs().values()) {
      named.add(job.deposit().spec());
      named.addAll(job.models());
    }
    state.deposits().values().forEach(deposit -> named.add(deposit.spec()));
    state.results().values().forEach(result -> named.add(result.claim().base()));
    state.challenges().values().forEach(live -> live.opening().ifPresent(named::add));
    for (Task task : state.tasks().values()) {
      task.commitment().ifPresent(made -> named.add(made.result()));
      task.checkpoints().forEach(saved -> named.add(saved.blob()));
    }
    return named;
  }

  private static Set<Digest> descriptions(MarketState state) {
    Set<Digest> descriptions = new TreeSet<>();
    for (Job job : state.jobs().values()) {
      descriptions.add(job.terms().data());
      if (job.terms().execution().runtime().runsCommands()) {
        // What a command came to is an index, and the outputs that it lists are kept as long.
        descriptions.addAll(job.models());
      }
    }
    return descriptions;
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
