package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.market.RuntimeKind;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.scheduler.replica.MarketReplica;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the grid to what the market still needs. What that is follows from the state alone, so
 * nothing has to be counted or remembered: a job's file, data and models while the job is in the
 * state, and the results of its open round. The grid itself spares young uploads.
 */
public final class GridHost implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GridHost.class);

  private final MarketReplica replica;
  private final BlobGrid grid;
  private final DataDescriptions data;
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

  /** Removes what the market does not need; what cannot be removed now waits for the next time. */
  void sweep() {
    try {
      Swept swept = grid.sweep(live());
      log.debug("swept the grid: {}", swept);
    } catch (RuntimeException e) {
      log.warn("the grid cannot be swept now: {}", e.getMessage());
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
    state.tasks().values().stream()
        .flatMap(task -> task.commitment().stream())
        .map(Task.Commitment::result)
        .forEach(named::add);
    return named;
  }

  private static Set<Digest> descriptions(MarketState state) {
    Set<Digest> descriptions = new TreeSet<>();
    for (Job job : state.jobs().values()) {
      descriptions.add(job.terms().data());
      if (job.terms().execution().runtime() == RuntimeKind.SANDBOX) {
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
