package io.shardex.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Logs;
import io.shardex.ops.launch.Output;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex bench}. */
@Command(
    name = "bench",
    description = "Measures the whole; figures are of this machine and what else runs on it.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "NAME",
    footerHeading = "%nExamples:%n",
    footer = {"  shardex bench network -o json", "  shardex bench worker"})
public final class BenchCommand {
  @Spec private CommandSpec spec;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public BenchCommand() {}

  @Command(
      name = "network",
      description =
          "A network of three nodes and four workers in processes of their own: how soon it is"
              + " ready, what it takes when idle, how soon a funded job has its first lease"
              + " (32 small jobs), how soon commands are taken again after a kill of the leading"
              + " node (20 kills), and how soon all is back after a kill of everything with 100,000"
              + " commands behind the last snapshot. Takes about half an hour on two cores.",
      mixinStandardHelpOptions = true,
      usageHelpAutoWidth = true,
      sortOptions = false,
      footerHeading = "%nExamples:%n",
      footer = {
        "  shardex bench network -o json",
        "  shardex bench network --only takeover,restart",
      })
  int network(
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "text or json (${DEFAULT-VALUE}).")
          Output output,
      @Option(
              names = "--only",
              paramLabel = "NAME",
              split = ",",
              description =
                  "idle, first-lease, takeover or restart, or some of them (all). How soon the"
                      + " network is ready is always measured.")
          @Nullable Set<NetworkFigures.Part> only)
      throws Exception {
    Set<NetworkFigures.Part> parts =
        only == null ? EnumSet.allOf(NetworkFigures.Part.class) : EnumSet.copyOf(only);
    return run("network", output, (folder, said) -> NetworkFigures.measure(folder, parts, said));
  }

  @Command(
      name = "worker",
      description =
          "The agents of a network of processes: what one takes when idle, and how soon after a"
              + " lease it trains when it has the data (24 small jobs), how fast and in what memory"
              + " it fetches 1 GiB; samples per CPU-second of the reproducible kernels by"
              + " libtorch's, which 'worker install-torch' brings; how long a job takes through the"
              + " market, by the same training in one plain process; and how soon a leased command"
              + " runs in its sandbox (as root, with runc). Takes about twenty minutes.",
      mixinStandardHelpOptions = true,
      usageHelpAutoWidth = true,
      sortOptions = false,
      footerHeading = "%nExamples:%n",
      footer = {"  shardex bench worker -o json", "  shardex bench worker --only blob"})
  int worker(
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "text or json (${DEFAULT-VALUE}).")
          Output output,
      @Option(
              names = "--only",
              paramLabel = "NAME",
              split = ",",
              description = "idle, lease, blob, kernels, job or commands, or some of them (all).")
          @Nullable Set<WorkerFigures.Part> only)
      throws Exception {
    Set<WorkerFigures.Part> parts =
        only == null ? EnumSet.allOf(WorkerFigures.Part.class) : EnumSet.copyOf(only);
    return run("worker", output, (folder, said) -> WorkerFigures.measure(folder, parts, said));
  }

  /** A bench in a folder of its own. */
  private interface Bench {
    List<NetworkFigures.Figure> measure(Path folder, Consumer<String> progress) throws Exception;
  }

  private int run(String name, Output output, Bench bench) throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Path folder = Files.createTempDirectory("shardex-bench");
    Logs.to(folder);
    List<NetworkFigures.Figure> figures = new ArrayList<>();
    try {
      CtrlC.guarding(
          () ->
              figures.addAll(
                  bench.measure(
                      folder,
                      line -> {
                        err.println(line);
                        err.flush();
                      })),
          err);
    } catch (Broken broken) {
      throw broken.leftIn(folder);
    }
    // After Ctrl-C there are none.
    if (!figures.isEmpty()) {
      out.println(output == Output.JSON ? json(name, figures) : text(figures));
      out.flush();
    }
    return ExitCode.OK.number();
  }

  private static String text(List<NetworkFigures.Figure> figures) {
    StringBuilder text = new StringBuilder();
    for (NetworkFigures.Figure figure : figures) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-34s %10.3f %-4s goal %.1f%n",
              figure.name(),
              figure.value(),
              figure.unit(),
              figure.goal()));
    }
    return text.toString().stripTrailing();
  }

  private static String json(String name, List<NetworkFigures.Figure> figures) {
    ObjectNode object = new ObjectMapper().createObjectNode();
    object
        .put("bench", name)
        .put("commit", System.getProperty("shardex.commit", "unknown"))
        .put("seed", 0)
        .put("jdk", System.getProperty("java.version"))
        .put("cores", Runtime.getRuntime().availableProcessors());
    ArrayNode all = object.putArray("figures");
    for (NetworkFigures.Figure figure : figures) {
      all.addObject()
          .put("name", figure.name())
          .put("value", Math.round(figure.value() * 1_000) / 1_000.0)
          .put("unit", figure.unit())
          .put("better", figure.better())
          .put("goal", figure.goal());
    }
    return object.toString();
  }
}
