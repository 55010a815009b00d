package io.shardex.ops.faultlab;

import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.localnet.TetheredProcess;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code shardex up --processes} as a process, and the processes below it. */
public final class UpProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready after ([0-9.]+) s");
  private static final List<String> PORTS =
      List.of(
          "--chain-port",
          "--gateway-port",
          "--raft-port",
          "--grid-port",
          "--operator-port",
          "--worker-port");
  private static final Duration START = Duration.ofMinutes(6);

  private final Path dir;
  private final Path output;
  private final TetheredProcess process;

  private UpProcess(Path dir, Path output, TetheredProcess process) {
    this.dir = dir;
    this.output = output;
    this.process = process;
  }

  /** Founds a network on any free ports, starts it and waits until it is ready. */
  public static UpProcess found(Path dir, Path output, int workers)
      throws IOException, InterruptedException {
    return found(dir, output, workers, List.of());
  }

  /** The same, founded with further options of {@code up}. */
  public static UpProcess found(Path dir, Path output, int workers, List<String> further)
      throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(List.of("--workers", Integer.toString(workers)));
    flags.addAll(further);
    for (String port : PORTS) {
      flags.addAll(List.of(port, "0"));
    }
    return start(dir, output, flags);
  }

  /** Starts a network that was founded, and waits until it is ready. */
  public static UpProcess resume(Path dir, Path output) throws IOException, InterruptedException {
    return start(dir, output, List.of());
  }

  private static UpProcess start(Path dir, Path output, List<String> flags)
      throws IOException, InterruptedException {
    Files.deleteIfExists(output);
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "SHARDEX_BUILT=1",
                Path.of(System.getProperty("shardex.home", ""), "ops", "shardex").toString(),
                "up",
                "--processes",
                "--dir",
                dir.toString()));
    command.addAll(flags);
    UpProcess up = new UpProcess(dir, output, TetheredProcess.start(command, output));
    try {
      up.await("the network is ready", START, () -> up.ready().isPresent());
      return up;
    } catch (InterruptedException | RuntimeException e) {
      up.close();
      throw e;
    }
  }

  /** Seconds until it was ready, by its own word. */
  public Optional<Double> ready() {
    Matcher said = READY.matcher(said());
    return said.find() ? Optional.of(Double.parseDouble(said.group(1))) : Optional.empty();
  }

  /** All that it printed so far. */
  String said() {
    try {
      return Files.exists(output) ? Files.readString(output) : "";
    } catch (IOException e) {
      throw new Broken("what 'up' printed cannot be read: " + e);
    }
  }

  long pid(String part) throws IOException {
    return Long.parseLong(Files.readString(dir.resolve("run").resolve(part + ".pid")).strip());
  }

  /** Sends a signal to a part's process. */
  public void signal(String signal, String part) throws IOException, InterruptedException {
    kill(signal, pid(part));
  }

  /** The network as its file has it. */
  public NetworkFile network() throws IOException {
    try {
      return NetworkFile.read(dir.resolve("network.json"));
    } catch (InvalidNetworkFile e) {
      throw new Broken("network.json: " + e.getMessage());
    }
  }

  /** The id of the node that says that it leads, if one does. */
  public Optional<String> findLeader() throws IOException {
    try (OperatorProbe probe = new OperatorProbe()) {
      return network().nodes().stream()
          .filter(
              node -> probe.value(node.operatorPort(), "shardex_raft_is_leader").orElse(0.0) == 1)
          .map(NodeEntry::id)
          .findFirst();
    }
  }

  /** The id of the node that leads. */
  public String leader() throws IOException {
    return findLeader().orElseThrow(() -> new Broken("no node says that it leads"));
  }

  /** Waits until a node says that it is ready. */
  public void awaitReady(String id, Duration limit) throws IOException, InterruptedException {
    int port =
        network().nodes().stream()
            .filter(node -> node.id().equals(id))
            .findFirst()
            .orElseThrow()
            .operatorPort();
    try (OperatorProbe probe = new OperatorProbe()) {
      await(id + " is ready", limit, () -> probe.isReady(port));
    }
  }

  /** Kills everything with SIGKILL: this {@code up} and all that it started. */
  public void killAll() throws IOException, InterruptedException {
    List<Long> all = new ArrayList<>(List.of(process.pid()));
    try (Stream<Path> files = Files.list(dir.resolve("run"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".pid")).toList()) {
        all.add(Long.parseLong(Files.readString(file).strip()));
      }
    }
    // In one call: without 'up' the others end by themselves, and soon some would not be there.
    String pids = all.stream().map(String::valueOf).collect(Collectors.joining(" "));
    int unused = new ProcessBuilder("sh", "-c", "kill -KILL " + pids).start().waitFor();
    int status = process.exit().join();
    if (status != 128 + 9) {
      throw new Broken("'up' was to be killed, but ended with status " + status);
    }
  }

  private static void kill(String signal, long pid) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(signal, pid)).start().waitFor();
    if (status != 0) {
      throw new Broken("process " + pid + " could not be sent SIG" + signal);
    }
  }

  /** Waits until every node sees all nodes in the grid. */
  public void awaitWholeGrid(Duration limit) throws IOException, InterruptedException {
    try (OperatorProbe probe = new OperatorProbe()) {
      for (NodeEntry node : network().nodes()) {
        await(
            node.id() + " sees all nodes in the grid",
            limit,
            () -> hasWholeGrid(probe, node.operatorPort()));
      }
    }
  }

  private static boolean hasWholeGrid(OperatorProbe probe, int port) {
    Optional<Double> expected = probe.value(port, "shardex_grid_nodes_expected");
    return expected.isPresent() && expected.equals(probe.value(port, "shardex_grid_nodes"));
  }

  /** Waits until a condition holds; fails when it does not in time, or when 'up' ends. */
  public void await(String what, Duration limit, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (process.exit().isDone()) {
        throw new Broken("'up' ended before " + what + "; it said: " + said());
      }
      if (System.nanoTime() > deadline) {
        throw new Broken(
            "after %d s it is not so that %s; 'up' said: %s"
                .formatted(limit.toSeconds(), what, said()));
      }
      Thread.sleep(200);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
