package io.shardex.ops.bench;

import io.shardex.market.Outcome;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.protocol.client.CallInterrupted;
import io.shardex.protocol.client.ClientFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The leader is killed again and again, while a client that knows all gateways sends one cheap
 * command after the other.
 */
final class Takeover {
  private static final int KILLS = 20;
  private static final int WARM = 50;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration BACK = Duration.ofMinutes(4);

  private Takeover() {}

  /** Seconds from each kill to the first answer to a command sent after it. */
  static List<Double> measure(UpProcess up, Consumer<String> progress)
      throws IOException, InterruptedException {
    List<Double> all = new ArrayList<>();
    try (QuietWorker worker = QuietWorker.register(up, up.network().gateways(), 1).getFirst()) {
      for (int i = 1; i <= KILLS; i++) {
        String leader = up.leader();
        double seconds = kill(up, leader, worker);
        all.add(seconds);
        progress.accept(
            "kill %d of %d: %s led, the next command was accepted after %.2f s"
                .formatted(i, KILLS, leader, seconds));
        up.awaitReady(leader, BACK);
      }
    }
    return all;
  }

  private static double kill(UpProcess up, String leader, QuietWorker worker)
      throws IOException, InterruptedException {
    Client client = new Client(worker);
    try {
      up.await("a client is served", LIMIT, () -> client.accepted() >= WARM);
      long at = System.nanoTime();
      up.signal("KILL", leader);
      client.countFrom(System.nanoTime());
      up.await(leader + " is followed by another leader", LIMIT, () -> client.first() != null);
      Long first = client.first();
      if (first == null) {
        throw new Broken("no command was accepted after the kill of " + leader);
      }
      return (first - at) / 1e9;
    } finally {
      client.end();
    }
  }

  /** Sends a command, waits for its outcome, pauses, and sends the next. */
  private static final class Client {
    private final QuietWorker worker;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Thread thread;
    private volatile @Nullable Long from;
    private volatile @Nullable Long first;

    Client(QuietWorker worker) {
      this.worker = worker;
      this.thread = Thread.ofPlatform().daemon().name("steady-client").start(this::run);
    }

    int accepted() {
      return accepted.get();
    }

    /** A command sent before this time may still have been accepted by the old leader. */
    void countFrom(long nanos) {
      from = nanos;
    }

    /** When the first command that counts was answered. */
    @Nullable Long first() {
      return first;
    }

    private void run() {
      try {
        while (first == null) {
          long sent = System.nanoTime();
          if (say()) {
            long now = System.nanoTime();
            int unused = accepted.incrementAndGet();
            Long counted = from;
            if (counted != null && sent - counted >= 0) {
              first = now;
            }
          }
          Thread.sleep(PAUSE);
        }
      } catch (InterruptedException | CallInterrupted e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Whether the command was accepted; one that nobody answered in time was not. */
    private boolean say() {
      try {
        return worker.say().outcome() instanceof Outcome.Accepted;
      } catch (CallInterrupted e) {
        throw e;
      } catch (ClientFailure e) {
        return false;
      }
    }

    void end() throws InterruptedException {
      thread.interrupt();
      thread.join();
    }
  }
}
