package io.shardex.ops.launch;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that Ctrl-C (or a termination signal) interrupts and then holds the JVM back for until it
 * has ended, so that everything is closed in order. Then the JVM ends as the signal says, with
 * status 130 after Ctrl-C.
 */
public final class CtrlC {
  /** Child processes are tethered and end with the JVM even if this is not enough. */
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private static final Logger LOG = LoggerFactory.getLogger(CtrlC.class);

  private CtrlC() {}

  /** Work that may fail with anything. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  /**
   * Runs the work on this thread. What it fails with once it is interrupted is the interruption's
   * doing and goes to the log alone.
   */
  public static void guarding(Work work, PrintWriter err) throws Exception {
    guarding(work, () -> new Ending("ending the network", LIMIT), err);
  }

  /**
   * What an interruption makes the work do.
   *
   * @param doing in words, as "ending the network"
   * @param atMost how long the JVM waits for that
   */
  public record Ending(String doing, Duration atMost) {}

  /**
   * The same for work that ends in another way.
   *
   * @param ending asked when the interruption comes
   */
  public static void guarding(Work work, Supplier<Ending> ending, PrintWriter err)
      throws Exception {
    Thread worker = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    AtomicBoolean signalled = new AtomicBoolean();
    Thread hook =
        Thread.ofPlatform()
            .name("ctrl-c")
            .unstarted(
                () -> {
                  signalled.set(true);
                  interrupt(worker, ended, ending.get(), err);
                });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      work.run();
    } catch (Exception e) {
      if (!signalled.get()) {
        throw e;
      }
      LOG.info("interrupted", e);
    } finally {
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is ending: the hook runs, and has just been released.
      }
    }
  }

  private static void interrupt(
      Thread worker, CountDownLatch ended, Ending ending, PrintWriter err) {
    err.println();
    err.println("shardex: interrupted; " + ending.doing() + ".");
    err.flush();
    worker.interrupt();
    try {
      if (!ended.await(ending.atMost().toMillis(), TimeUnit.MILLISECONDS)) {
        err.println(
            "shardex: it did not end in order within " + ending.atMost().toSeconds() + " s.");
        err.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
