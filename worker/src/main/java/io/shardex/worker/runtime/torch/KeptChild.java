package io.shardex.worker.runtime.torch;

import io.shardex.training.commitment.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a child for the next shard of the job that it served, so that the start of Java and
 * libtorch is not on each shard's way: one at most, for some time. Whoever asks for another job
 * ends it: what one job's module leaves in a process, no other job's module meets. Safe for many
 * threads.
 */
final class KeptChild {
  private static final Logger LOG = LoggerFactory.getLogger(KeptChild.class);

  private final Duration atMost;
  private Optional<Waiting> waiting = Optional.empty();

  /**
   * A child that waits.
   *
   * @param job that it served
   * @param timer that ends it
   */
  private record Waiting(Digest job, StartedChild child, Thread timer) {}

  /**
   * Keeps none yet.
   *
   * @param atMost how long one waits for a shard
   */
  KeptChild(Duration atMost) {
    this.atMost = atMost;
  }

  /** Keeps a child, which is this object's to close, in place of the one before. */
  synchronized void keep(Digest job, StartedChild child) {
    drop();
    Thread timer = Thread.ofVirtual().name("torch-kept").start(() -> dropInTime(child));
    waiting = Optional.of(new Waiting(job, child, timer));
  }

  /**
   * The child, which is the caller's now, if it was kept for this job and serves; any other is
   * closed.
   *
   * @param job empty for a shard of none
   */
  synchronized Optional<StartedChild> take(Optional<Digest> job, int heapMiB) {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Waiting one = waiting.get();
    if (!job.equals(Optional.of(one.job())) || !one.child().serves(heapMiB)) {
      LOG.info("libtorch is loaded anew: what is kept is another job's or does not serve");
      drop();
      return Optional.empty();
    }
    forget();
    return Optional.of(one.child());
  }

  /** Closes the child, if there is one. */
  synchronized void drop() {
    Optional<Waiting> dropped = waiting;
    forget();
    if (dropped.isPresent()) {
      try {
        dropped.get().child().close();
      } catch (IOException e) {
        LOG.warn("the folder of libtorch's process is left behind: {}", e.toString());
      }
    }
  }

  private void forget() {
    waiting.ifPresent(one -> one.timer().interrupt());
    waiting = Optional.empty();
  }

  private void dropInTime(StartedChild child) {
    try {
      Thread.sleep(atMost);
    } catch (InterruptedException e) {
      return;
    }
    synchronized (this) {
      if (waiting.filter(one -> one.child() == child).isPresent()) {
        LOG.info("libtorch is unloaded: no shard came for {} s", atMost.toSeconds());
        drop();
      }
    }
  }
}
