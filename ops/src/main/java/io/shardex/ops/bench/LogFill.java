package io.shardex.ops.bench;

import io.shardex.market.Outcome;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.protocol.client.CallInterrupted;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.Submitted;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Commands that were accepted, by log index, sent until so many of them lie behind the newest
 * snapshot of any node.
 *
 * <p>Nodes make a snapshot each 10,000 entries, and here an entry holds some ten commands: fewer
 * than wanted would ever lie behind one. So the leader is suspended for moments too short to depose
 * it, and what comes to another node's gateway meanwhile shares an entry, as behind a slow disk.
 */
final class LogFill {
  /** Commands behind the newest snapshot. */
  static final int COMMANDS = 100_000;

  private static final int MOST = 4 * COMMANDS;
  private static final int KEYS = 20;
  private static final int AT_ONCE_EACH = 40;
  private static final Duration HELD = Duration.ofMillis(300);
  private static final Duration FREE = Duration.ofMillis(200);
  private static final int HOLDS_A_LINE = 20;
  private static final int FAILURES = 1_000;
  private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.[0-9]+_([0-9]+)");

  private final Path net;
  private final ConcurrentSkipListMap<Long, Integer> accepted = new ConcurrentSkipListMap<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicLong sum = new AtomicLong();

  /**
   * @param net the network's folder
   */
  LogFill(Path net) {
    this.net = net;
  }

  /** Sends until enough lie behind the newest snapshot. */
  void fill(UpProcess up, Consumer<String> progress) throws IOException, InterruptedException {
    String leader = up.leader();
    List<Endpoint> gateways =
        up.network().nodes().stream()
            .filter(node -> !node.id().equals(leader))
            .map(NodeEntry::gateway)
            .toList();
    List<QuietWorker> workers = QuietWorker.register(up, gateways, KEYS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (QuietWorker worker : workers) {
        for (int i = 0; i < AT_ONCE_EACH; i++) {
          threads.execute(() -> send(worker));
        }
      }
      try {
        for (int holds = 1; behind() < COMMANDS; holds++) {
          if (sum.get() > MOST || failed.get() > FAILURES) {
            throw new Broken(
                "after %d commands and %d failures only %d lie behind the newest snapshot"
                    .formatted(sum.get(), failed.get(), behind()));
          }
          if (holds % HOLDS_A_LINE == 0) {
            progress.accept(said());
          }
          hold(up);
          Thread.sleep(FREE);
        }
      } finally {
        threads.shutdownNow();
      }
    } finally {
      workers.forEach(QuietWorker::close);
    }
    progress.accept(said());
  }

  private static void hold(UpProcess up) throws IOException, InterruptedException {
    Optional<String> leader = up.findLeader();
    if (leader.isPresent()) {
      try {
        up.signal("STOP", leader.get());
        Thread.sleep(HELD);
      } finally {
        up.signal("CONT", leader.get());
      }
    }
  }

  private void send(QuietWorker worker) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Submitted submitted = worker.say();
        if (submitted.outcome() instanceof Outcome.Accepted && submitted.index() >= 0) {
          int unused = accepted.merge(submitted.index(), 1, Integer::sum);
          sum.incrementAndGet();
        } else {
          refused.incrementAndGet();
        }
      } catch (CallInterrupted e) {
        return;
      } catch (ClientFailure e) {
        failed.incrementAndGet();
      }
    }
  }

  /** Accepted commands that no node's snapshots hold. */
  int behind() throws IOException {
    return accepted.tailMap(newestSnapshot(net), false).values().stream()
        .mapToInt(Integer::intValue)
        .sum();
  }

  /** The index of the last command that was accepted. */
  long last() {
    return accepted.isEmpty() ? -1 : accepted.lastKey();
  }

  private String said() throws IOException {
    long snapshot = newestSnapshot(net);
    return "%d commands in %d entries lie behind the newest snapshot, at index %d; %d refused, %d failed"
        .formatted(
            behind(),
            accepted.tailMap(snapshot, false).size(),
            snapshot,
            refused.get(),
            failed.get());
  }

  /** The last index that the newest snapshot of any node holds; -1 if there is none. */
  static long newestSnapshot(Path net) throws IOException {
    long newest = -1;
    for (Path node : list(net)) {
      if (String.valueOf(node.getFileName()).startsWith("node-")) {
        for (Path group : list(node.resolve("raft"))) {
          newest = Math.max(newest, newestIn(group.resolve("sm")));
        }
      }
    }
    return newest;
  }

  private static long newestIn(Path folder) throws IOException {
    return list(folder).stream()
        .map(file -> SNAPSHOT.matcher(String.valueOf(file.getFileName())))
        .filter(Matcher::matches)
        .mapToLong(name -> Long.parseLong(name.group(1)))
        .max()
        .orElse(-1);
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
