package io.shardex.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.cli.Stalled;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.demo.BuilderSide;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.faultlab.Commands;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.key.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How soon after its lease a command runs in its sandbox: one worker executes one job of many
 * instances, each of which prints the kernel's uptime, in hundredths of a second, as the first
 * thing it does. The first lease, which brings the image, does not count.
 */
final class CommandLeases {
  private static final int INSTANCES = 24;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final Path UPTIME = Path.of("/proc/uptime");

  private CommandLeases() {}

  static Figure measure(Path dir, Consumer<String> progress)
      throws IOException, InterruptedException, Stalled {
    Files.createDirectories(dir);
    image(dir);
    Files.writeString(dir.resolve("job.yaml"), job());
    Path net = dir.resolve("net");
    try (UpProcess up =
        UpProcess.found(net, dir.resolve("up.out"), 1, List.of("--commands", "runc"))) {
      List<Double> waited = run(up, Commands.ofBuilder(dir.resolve("builder"), net), dir);
      List<Double> cached = waited.subList(1, waited.size());
      progress.accept(
          String.format(
              Locale.ROOT,
              "from lease to command: %.3f s with the image to fetch, then %.3f s at p50",
              waited.getFirst(),
              Percentile.p50(cached)));
      return new Figure("lease_to_step_seconds_sandbox", Percentile.p95(cached), "s", 1);
    }
  }

  /** Seconds from lease to command, in the order of the instances. */
  private static List<Double> run(UpProcess up, Commands builder, Path dir)
      throws IOException, InterruptedException, Stalled {
    JobWatch heard = new JobWatch();
    try (BuilderSide reader =
        BuilderSide.open(up.network(), SigningKey.random(new SecureRandom()))) {
      MarketClient market = new MarketClient(reader.nodes());
      Watch watch = market.watch(market.status().index() + 1, Optional.empty(), heard);
      try {
        JsonNode submitted =
            builder
                .run("job", "submit", dir.resolve("job.yaml").toString(), "-o", "json")
                .require(0)
                .json();
        JobId job = JobId.parse(submitted.path("job").asText());
        up.await("the commands end", LIMIT, () -> heard.of(job).hasEnded());
        double sinceUptime = uptimeLessNanoTime();
        Path outputs = dir.resolve("outputs");
        var unused =
            builder.run("job", "fetch", job.toString(), "--out", outputs.toString()).require(0);
        List<Double> waited = new ArrayList<>();
        for (int rank = 0; rank < INSTANCES; rank++) {
          String task = new TaskId(job, 1, rank).toString();
          double leased = heard.leased(task).orElseThrow() / 1e9 + sinceUptime;
          waited.add(printed(outputs.resolve("rank-%d.tar".formatted(rank))) - leased);
        }
        return waited;
      } finally {
        watch.close();
      }
    }
  }

  private static double uptimeLessNanoTime() throws IOException {
    return uptime(Files.readString(UPTIME)) - System.nanoTime() / 1e9;
  }

  private static double uptime(String text) {
    return Double.parseDouble(text.strip().split(" ", 2)[0]);
  }

  private static double printed(Path output) throws IOException, InterruptedException {
    return uptime(tar("-xOf", output.toString(), "log.txt"));
  }

  private static String job() {
    return """
        apiVersion: shardex.io/v1
        kind: CommandJob
        metadata: {name: uptime}
        spec:
          command: [/bin/busybox, cat, /proc/uptime]
          image: {format: tar, file: root.tar}
          limits: {memoryMiB: 32, cpuMillis: 1000, pids: 4, diskMiB: 4, minutes: 1, outputMiB: 1}
          shards: %d
          resources: {accelerator: any}
          price: {budget: "1.00", maxPerHour: "0.50"}
          deadline: 1h
        """
        .formatted(INSTANCES);
  }

  /** A root file system of one program that needs no other. */
  private static void image(Path dir) throws IOException, InterruptedException {
    if (!Files.isExecutable(BUSYBOX)) {
      throw new Trouble(
          ExitCode.FAILED,
          "the commands' image is made of " + BUSYBOX + ", which is not here",
          "Install Debian's busybox-static");
    }
    Path root = dir.resolve("root");
    Files.createDirectories(root.resolve("tmp"));
    Files.copy(BUSYBOX, Files.createDirectories(root.resolve("bin")).resolve("busybox"));
    var unused =
        tar("--owner=0", "--group=0", "-C", root.toString(), "-cf", dir + "/root.tar", ".");
  }

  private static String tar(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tar"));
    command.addAll(List.of(arguments));
    Process tar =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (tar.waitFor() != 0) {
      throw new Broken(String.join(" ", command) + " ended with " + tar.exitValue());
    }
    return said;
  }
}
