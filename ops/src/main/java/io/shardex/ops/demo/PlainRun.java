package io.shardex.ops.demo;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.TetheredProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;

/**
 * The same job's training in one plain process.
 *
 * @param model SHA-256 of the final round model, in hex
 * @param blob its blob id, in hex
 * @param cpuSeconds what it took of the processor
 * @param wallSeconds what it took by the clock, from the first look at the job file on
 */
public record PlainRun(String model, String blob, double cpuSeconds, double wallSeconds) {
  private static final long LIMIT_MINUTES = 30;

  /**
   * Trains in a child JVM that ends with this one.
   *
   * @param log where the child prints
   * @param rounds hears how many rounds are done, about once a second
   */
  public static PlainRun of(Path job, Path log, IntConsumer rounds)
      throws IOException, InterruptedException {
    Files.deleteIfExists(log);
    long start = System.nanoTime();
    try (TetheredProcess child = TetheredProcess.start(command(job), log)) {
      while (true) {
        try {
          int status = child.exit().get(1, TimeUnit.SECONDS);
          return ended(status, log);
        } catch (TimeoutException e) {
          rounds.accept(
              (int) lines(log).stream().filter(line -> line.startsWith("round ")).count());
          if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(LIMIT_MINUTES)) {
            throw failed("did not end within " + LIMIT_MINUTES + " minutes", log);
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  private static List<String> command(Path job) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(PlainTrainingChild.class.getName(), job.toString()));
    return command;
  }

  private static PlainRun ended(int status, Path log) throws IOException {
    Map<String, String> said = new HashMap<>();
    for (String line : lines(log)) {
      int space = line.indexOf(' ');
      said.put(line.substring(0, Math.max(0, space)), line.substring(space + 1));
    }
    String model = said.getOrDefault("model", "");
    String blob = said.getOrDefault("blob", "");
    String cpu = said.getOrDefault("cpuSeconds", "");
    String wall = said.getOrDefault("wallSeconds", "");
    if (status != 0 || model.isEmpty() || cpu.isEmpty() || wall.isEmpty()) {
      throw failed("ended with status " + status, log);
    }
    return new PlainRun(model, blob, Double.parseDouble(cpu), Double.parseDouble(wall));
  }

  private static List<String> lines(Path log) throws IOException {
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  private static Trouble failed(String how, Path log) {
    return new Trouble(
        ExitCode.FAILED,
        "the plain training that the report compares with " + how,
        "See what it printed in " + log);
  }
}
