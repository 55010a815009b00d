package io.shardex.ops.localnet;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parts of one kind, started by several threads and closed at the same time. A part that does not
 * close is logged and keeps no other from closing.
 */
final class Together implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Together.class);

  private final List<AutoCloseable> parts = new ArrayList<>();

  /** Returns the part, which is closed with the others. */
  synchronized <T extends AutoCloseable> T add(T part) {
    parts.add(part);
    return part;
  }

  /**
   * Returns when all parts are closed, in an interrupted thread too. A second call does nothing.
   */
  @Override
  public void close() {
    List<AutoCloseable> all = taken();
    boolean interrupted = Thread.interrupted(); // the wait below would hand it on to the parts
    try (ExecutorService threads = threads()) {
      all.forEach(part -> threads.execute(() -> close(part)));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Platform threads: Ignite and Ratis hold monitors while they wait, which pins virtual ones. */
  static ExecutorService threads() {
    return Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("localnet-", 1).factory());
  }

  private synchronized List<AutoCloseable> taken() {
    List<AutoCloseable> all = List.copyOf(parts);
    parts.clear();
    return all;
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("{} did not close", part.getClass().getSimpleName(), e);
    }
  }
}
