package io.shardex.worker.runtime.torch;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a child for the next shard, so that the start of Java and libtorch is not on a lease's way:
 * one at most, for some time, and nothing starts another one when it dies. Safe for many threads.
 */
final class SpareChild {
  private static final Logger LOG = LoggerFactory.getLogger(SpareChild.class);

  private final Duration ahead;
  private final Duration kept;
  private @Nullable StartedChild waiting;
  private @Nullable Thread timer;

  /**
   * Keeps none yet.
   *
   * @param ahead how long before a shard's end, as far as that can be told, the next one's child is
   *     to be started
   * @param kept how long one waits for a shard
   */
  SpareChild(Duration ahead, Duration kept) {
    this.ahead = ahead;
    this.kept = kept;
  }

  Duration ahead() {
    return ahead;
  }

  /** Keeps a child, which is this object's to close, in place of the one before. */
  synchronized void keep(StartedChild child) {
    drop();
    waiting = child;
    timer = Thread.ofVirtual().name("torch-spare").start(() -> dropInTime(child));
  }

  /** The child, which is the caller's now, if it serves; one that does not is closed. */
  synchronized Optional<StartedChild> take(int heapMiB) {
    StartedChild child = waiting;
    if (child == null) {
      return Optional.empty();
    }
    if (!child.serves(heapMiB)) {
      LOG.info("libtorch is loaded anew: what waited is dead, or was made for another shard");
      drop();
      return Optional.empty();
    }
    forget();
    return Optional.of(child);
  }

  /** Closes the child, if there is one. */
  synchronized void drop() {
    StartedChild child = waiting;
    forget();
    if (child != null) {
      try {
        child.close();
      } catch (IOException e) {
        LOG.warn("the folder of libtorch's process is left behind: {}", e.toString());
      }
    }
  }

  private void forget() {
    waiting = null;
    if (timer != null) {
      timer.interrupt();
      timer = null;
    }
  }

  private void dropInTime(StartedChild child) {
    try {
      Thread.sleep(kept);
    } catch (InterruptedException e) {
      return;
    }
    synchronized (this) {
      if (waiting == child) {
        LOG.info("libtorch is unloaded: no shard came for {} s", kept.toSeconds());
        drop();
      }
    }
  }
}
