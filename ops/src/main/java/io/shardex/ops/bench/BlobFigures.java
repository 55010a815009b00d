package io.shardex.ops.bench;

import io.shardex.market.Digest;
import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.localnet.ProcessFigures;
import io.shardex.ops.localnet.TetheredProcess;
import io.shardex.protocol.client.BlobClient;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.network.NetworkFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * How fast a blob of 1 GiB comes to an agent out of the grid, by what raw TCP takes for as much,
 * and what memory that takes. In a process with the JVM's flags of an agent, and with a validator's
 * key, which may read all blobs.
 */
final class BlobFigures {
  private static final int MIB = 1 << 20;
  private static final long BYTES = 1L << 30;
  private static final int WINDOWS = 5;

  /** Until each of three nodes has compiled what sends a blob; the first ones they ever sent. */
  private static final int WARMING = 15;

  private static final int LIMIT_MINUTES = 15;

  private BlobFigures() {}

  static List<Figure> measure(Path net, NetworkFile network, Path dir, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path key = net.resolve("keys").resolve("node-1.json");
    Path passphrase = net.resolve("keys").resolve("passphrase");
    progress.accept("uploading a blob of %d MiB".formatted(BYTES / MIB));
    Digest blob = upload(network, key, passphrase, dir.resolve("blob"));
    Path log = dir.resolve("blob.out");
    List<String> command = agentsJvm(net);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            BlobChild.class.getName(),
            net.resolve("network.json").toString(),
            key.toString(),
            passphrase.toString(),
            blob.hex(),
            Long.toString(BYTES),
            dir.resolve("fetched").toString(),
            Integer.toString(WARMING + WINDOWS)));
    Map<String, ProcessFigures> before = Idling.processes(net);
    try (TetheredProcess child = TetheredProcess.start(command, log)) {
      int status = child.exit().get(LIMIT_MINUTES, TimeUnit.MINUTES);
      if (status != 0) {
        throw new Broken("fetching ended with status " + status + "; see " + log);
      }
    } catch (TimeoutException | ExecutionException e) {
      throw new Broken("fetching did not end: " + e + "; see " + log);
    }
    progress.accept(cpu(before, Idling.processes(net), warm(log, "cpu ")));
    double ours = Percentile.p50(warm(log, "blob "));
    double tcp = Percentile.p50(warm(log, "tcp "));
    progress.accept(
        String.format(
            Locale.ROOT,
            "1 GiB in %.2f s through gateway and grid, in %.2f s by TCP, at p50 of %d; before, the"
                + " first one that the nodes ever sent took %.2f s",
            ours,
            tcp,
            WINDOWS,
            said(log, "blob ").getFirst()));
    return List.of(
        new Figure("blob_to_hashed_tcp_ratio", tcp / ours, "", "higher", 0.5),
        new Figure("blob_rss_rise_mib", said(log, "riseMiB ").getFirst(), "MiB", 64));
  }

  private static List<Double> warm(Path log, String what) throws IOException {
    return said(log, what).subList(WARMING, WARMING + WINDOWS);
  }

  /**
   * What each process of the network took for one blob, those that warmed it up included, and the
   * one that fetched.
   */
  private static String cpu(
      Map<String, ProcessFigures> before, Map<String, ProcessFigures> after, List<Double> fetcher) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT, "CPU-seconds for 1 GiB: fetching %.2f", Percentile.p50(fetcher)));
    after.forEach(
        (part, figures) -> {
          ProcessFigures earlier = before.get(part);
          if (earlier != null) {
            double seconds = (figures.cpuSeconds() - earlier.cpuSeconds()) / (WARMING + WINDOWS);
            line.append(String.format(Locale.ROOT, ", %s %.2f", part, seconds));
          }
        });
    return line.toString();
  }

  private static Digest upload(NetworkFile network, Path key, Path passphrase, Path file)
      throws IOException {
    Random random = new Random(0);
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] chunk = new byte[MIB];
      for (long at = 0; at < BYTES; at += MIB) {
        random.nextBytes(chunk);
        out.write(chunk);
      }
    }
    try (Nodes nodes =
        Nodes.open(
            NodeAddresses.of(network),
            Identity.of(KeyFile.read(key, Passphrase.fromFile(passphrase)), network.network()),
            Patience.USUAL)) {
      return new BlobClient(nodes).put(file, BlobProgress.NONE);
    } catch (KeyFileException e) {
      throw new IOException(e);
    } finally {
      Files.delete(file);
    }
  }

  /** What runs the first worker, up to its JVM's last flag. */
  private static List<String> agentsJvm(Path net) throws IOException {
    String pid = Files.readString(net.resolve("run").resolve("worker-1.pid")).strip();
    List<String> line =
        Arrays.asList(Files.readString(Path.of("/proc", pid, "cmdline")).split("\0", -1));
    int jar = line.indexOf("-jar");
    if (jar < 1) {
      throw new Broken("expected a JVM that runs a jar, but worker-1 is " + line);
    }
    List<String> command = new ArrayList<>(List.of("env", "MALLOC_ARENA_MAX=2"));
    command.addAll(line.subList(0, jar));
    return command;
  }

  private static List<Double> said(Path log, String what) throws IOException {
    List<Double> values =
        Files.readAllLines(log).stream()
            .filter(line -> line.startsWith(what))
            .map(line -> Double.parseDouble(line.substring(what.length())))
            .toList();
    if (values.isEmpty()) {
      throw new Broken("expected '" + what + "' in " + log + ", but it is not there");
    }
    return values;
  }
}
