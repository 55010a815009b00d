package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.shardex.consensus.ReplicaConfig.LogPolicy;
import io.shardex.consensus.ReplicaConfig.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Three peers in this JVM, each with its own folder; they can be stopped and started again. */
final class Group implements AutoCloseable {
  static final List<String> NODES = List.of("a", "b", "c");
  private static final long BOUND_SECONDS = 60;

  private final Path folder;
  private final UUID id = UUID.randomUUID();
  private final UnaryOperator<ReplicaConfig> settings;

  /** Where the first peers are, as each of them is told at every start. */
  private final Map<String, String> first;

  /** Where every peer is, those that came later too. */
  private final Map<String, String> addresses;

  private final Map<String, Replica> replicas = new ConcurrentHashMap<>();
  private final Map<String, Journal> journals = new ConcurrentHashMap<>();
  private final Map<String, Heard> heard = new ConcurrentHashMap<>();

  /** What one peer's listener was told. */
  static final class Heard implements ReplicaListener {
    final List<Leadership> leaderships = new CopyOnWriteArrayList<>();
    final List<Long> resyncs = new CopyOnWriteArrayList<>();
    final List<Optional<Throwable>> closings = new CopyOnWriteArrayList<>();

    @Override
    public void onLeadership(Leadership leadership) {
      leaderships.add(leadership);
    }

    @Override
    public void onResync(long index) {
      resyncs.add(index);
    }

    @Override
    public void onClosed(Optional<Throwable> reason) {
      closings.add(reason);
    }
  }

  private Group(Path folder, UnaryOperator<ReplicaConfig> settings) {
    this.folder = folder;
    this.settings = settings;
    this.first = freeAddresses();
    this.addresses = new TreeMap<>(first);
  }

  /** Starts a new group; again on other ports if another process took one meanwhile. */
  static Group found(Path folder, UnaryOperator<ReplicaConfig> settings) {
    return found(folder, settings, Journal::new);
  }

  static Group found(
      Path folder, UnaryOperator<ReplicaConfig> settings, Supplier<Journal> machines) {
    for (int attempt = 1; ; attempt++) {
      Group group = new Group(folder.resolve("attempt-" + attempt), settings);
      try {
        for (String node : NODES) {
          group.start(node, Start.FOUND, machines.get());
        }
        return group;
      } catch (IOException e) {
        group.close();
        if (attempt == 3) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Elections take long, so that a busy machine causes none. */
  static ReplicaConfig calm(ReplicaConfig config) {
    return config
        .withElection(Duration.ofSeconds(3), Duration.ofSeconds(5))
        .withProposals(Duration.ofSeconds(40), 4_096, 256);
  }

  /** Snapshots come often, and nothing is kept in the log behind them. */
  static ReplicaConfig forgetful(ReplicaConfig config) {
    return calm(config).withLog(4_096, new LogPolicy(20, 2, 0));
  }

  void start(String node, Start start, Journal journal) throws IOException {
    Heard ears = new Heard();
    Replica replica = Replica.start(config(node, start), journal, ears);
    replicas.put(node, replica);
    journals.put(node, journal);
    heard.put(node, ears);
  }

  void recover(String node) throws IOException {
    start(node, Start.RECOVER, new Journal());
  }

  ReplicaConfig config(String node, Start start) {
    String address = requireNonNull(addresses.get(node));
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    Map<String, String> told = new TreeMap<>(first);
    told.put(node, address);
    return settings.apply(ReplicaConfig.of(node, id, told, bind, folder.resolve(node), start));
  }

  /** The peers' own word on who they are, asked at the first ones' addresses. */
  Membership membership() {
    return new Membership(id, first, Optional.empty(), Duration.ofSeconds(BOUND_SECONDS));
  }

  /** A peer of another id will listen where {@code old} did. */
  String inPlaceOf(String old, String newcomer) {
    String address = requireNonNull(addresses.remove(old));
    addresses.put(newcomer, address);
    return address;
  }

  void stop(String node) {
    Replica stopped = replicas.remove(node);
    if (stopped != null) {
      stopped.close();
    }
  }

  Replica replica(String node) {
    return requireNonNull(replicas.get(node), node);
  }

  Journal journal(String node) {
    return requireNonNull(journals.get(node), node);
  }

  Heard heard(String node) {
    return requireNonNull(heard.get(node), node);
  }

  /** The node that leads, once one does. */
  String leader() {
    await("a leader", () -> leading().isPresent());
    return leading().orElseThrow();
  }

  String follower() {
    String leader = leader();
    return addresses.keySet().stream()
        .filter(node -> !node.equals(leader) && replicas.containsKey(node))
        .findFirst()
        .orElseThrow();
  }

  private Optional<String> leading() {
    return replicas.entrySet().stream()
        .filter(e -> e.getValue().leadership().leading())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  Applied propose(String node, String text) {
    try {
      return replica(node).propose(text.getBytes(UTF_8)).get(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("proposal of " + text + " at " + node + " failed", e);
    }
  }

  /** Proposes {@code name-0}, {@code name-1} and so on. */
  List<String> proposeMany(String node, String name, int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(name + "-" + i);
      propose(node, texts.get(i));
    }
    return texts;
  }

  /** Waits until the running peers hold the same lines, {@code count} of them. */
  void awaitEqual(int count) {
    await(
        count + " equal lines on " + replicas.keySet(),
        () ->
            replicas.keySet().stream().map(n -> journal(n).lines()).distinct().count() == 1
                && journal(replicas.keySet().iterator().next()).lines().size() == count);
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Override
  public void close() {
    List.copyOf(replicas.keySet()).parallelStream().forEach(this::stop);
  }

  private static Map<String, String> freeAddresses() {
    Map<String, String> found = new TreeMap<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (String node : NODES) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        found.put(node, "127.0.0.1:" + socket.getLocalPort());
      }
      for (ServerSocket socket : held) {
        socket.close();
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
