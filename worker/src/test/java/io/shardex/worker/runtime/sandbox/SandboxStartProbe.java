package io.shardex.worker.runtime.sandbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Prints how long a sandbox takes around a command that does nothing, by hand: {@code
 * SandboxStartProbe [runc|runsc]}, as root.
 */
final class SandboxStartProbe {
  private static final int WARM_UP = 10;
  private static final int RUNS = 41;

  private SandboxStartProbe() {}

  public static void main(String[] arguments) throws Exception {
    OciRuntime.Kind kind =
        OciRuntime.Kind.valueOf(
            (arguments.length == 0 ? "runc" : arguments[0]).toUpperCase(Locale.ROOT));
    Path folder = Files.createTempDirectory("shardex-probe");
    Sandbox sandbox = Sandbox.open(OciRuntime.find(kind).orElseThrow(), folder.resolve("sandbox"));
    HostPrograms programs = HostPrograms.in(folder.resolve("root"));
    Path inputs = Files.createDirectory(folder.resolve("in"));
    double[][] millis = new double[3][RUNS];
    for (int i = -WARM_UP; i < RUNS; i++) {
      CommandRun run =
          new CommandRun(
              "probe-%d-%d".formatted(ProcessHandle.current().pid(), i + WARM_UP),
              List.of("/usr/bin/true"),
              Map.of(),
              programs.root(),
              inputs,
              false,
              new SandboxLimits(64, 1_000, 8, 64, 100, Duration.ofSeconds(20), 1_000),
              false,
              Optional.empty(),
              programs.edits());
      long begin = System.nanoTime();
      Container container = sandbox.prepare(run);
      long prepared = System.nanoTime();
      SandboxEnd end = container.run(line -> {}, () -> false);
      long ran = System.nanoTime();
      container.close();
      if (!end.succeeded()) {
        throw new IllegalStateException(end.toString());
      }
      if (i >= 0) {
        millis[0][i] = (prepared - begin) / 1e6;
        millis[1][i] = (ran - prepared) / 1e6;
        millis[2][i] = (System.nanoTime() - ran) / 1e6;
      }
    }
    Folders.remove(folder);
    System.out.printf(
        Locale.ROOT,
        "%s: prepared in %.0f ms, ran in %.0f ms, removed in %.0f ms; medians of %d%n",
        sandbox.runtime().version(),
        median(millis[0]),
        median(millis[1]),
        median(millis[2]),
        RUNS);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[values.length / 2];
  }
}
