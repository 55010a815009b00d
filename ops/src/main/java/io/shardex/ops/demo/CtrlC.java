package io.shardex.ops.demo;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work that Ctrl-C (or a termination signal) interrupts and then holds the JVM back for until it
 * has ended, so that everything is closed in order. Then the JVM ends as the signal says, with
 * status 130 after Ctrl-C.
 */
final class CtrlC {
  /** Child processes are tethered and end with the JVM even if this is not enough. */
  private static final long LIMIT_SECONDS = 20;

  private CtrlC() {}

  /** Work that may fail with anything. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** Runs the work on this thread. */
  static void guarding(Work work, PrintWriter err) throws Exception {
    Thread worker = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = Thread.ofPlatform().name("ctrl-c").unstarted(() -> interrupt(worker, ended, err));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      work.run();
    } finally {
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is ending: the hook runs, and has just been released.
      }
    }
  }

  private static void interrupt(Thread worker, CountDownLatch ended, PrintWriter err) {
    err.println();
    err.println("shardex: interrupted; ending the network.");
    err.flush();
    worker.interrupt();
    try {
      if (!ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        err.println("shardex: it did not end in order within " + LIMIT_SECONDS + " s.");
        err.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
