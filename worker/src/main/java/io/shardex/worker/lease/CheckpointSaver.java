package io.shardex.worker.lease;

import io.shardex.market.CheckpointEvery;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves how far a lease is, on a thread of its own while the work goes on. One at a time: what is
 * due meanwhile waits until that one is done, so a slow line makes checkpoints rarer and the work
 * no slower. One that cannot be saved, for want of memory, too, is a line in the log.
 */
final class CheckpointSaver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSaver.class);

  /** Where a checkpoint goes. */
  interface Place {
    void save(int step, byte[] checkpoint) throws LeaseFailure, IOException, InterruptedException;
  }

  /** What a checkpoint consists of. */
  interface Content {
    /** Its bytes; nothing if there is nothing new to save. */
    Optional<byte[]> get() throws LeaseFailure, IOException, InterruptedException;

    /** They are saved. */
    default void saved() {}
  }

  private final CheckpointEvery every;
  private final Place place;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shardex-checkpoint").factory());
  private int lastStep;
  private long lastNanos = System.nanoTime();

  /**
   * @param from step that the work begins after
   */
  CheckpointSaver(CheckpointEvery every, int from, Place place) {
    this.every = every;
    this.lastStep = from;
    this.place = place;
  }

  /** Whether the state after this step is to be saved. Asked by the working thread only. */
  boolean isDue(int step) {
    return !busy.get()
        && switch (every) {
          case CheckpointEvery.Steps steps -> step - lastStep >= steps.count();
          case CheckpointEvery.Time time ->
              System.nanoTime() - lastNanos >= time.millis() * 1_000_000;
        };
  }

  /** Saves it soon. Called by the working thread only, with what was due. */
  void save(int step, Content checkpoint) {
    Future<?> unused = begin(step, checkpoint);
  }

  /** Saves it, due or not, after what is under way; returns when it is saved or cannot be. */
  void saveNow(int step, Content checkpoint) {
    try {
      begin(step, checkpoint).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a checkpoint broke its saver", e);
    }
  }

  private Future<?> begin(int step, Content checkpoint) {
    lastStep = step;
    lastNanos = System.nanoTime();
    busy.set(true);
    return thread.submit(() -> put(step, checkpoint));
  }

  private void put(int step, Content checkpoint) {
    try {
      Optional<byte[]> content = checkpoint.get();
      if (content.isPresent()) {
        place.save(step, content.get());
        checkpoint.saved();
      }
    } catch (LeaseFailure | IOException | RuntimeException e) {
      LOG.warn("the checkpoint of step {} is not saved: {}", step, e.getMessage());
    } catch (OutOfMemoryError e) {
      LOG.warn("the checkpoint of step {} is not saved: memory does not suffice", step);
    } catch (InterruptedException e) {
      LOG.debug("the checkpoint of step {} is not saved: its lease is over", step);
    } finally {
      busy.set(false);
    }
  }

  /** Breaks off what is under way: the lease has its result, or is over. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
