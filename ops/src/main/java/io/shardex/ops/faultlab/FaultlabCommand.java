package io.shardex.ops.faultlab;

import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Logs;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex faultlab}: a network of processes under faults, by its own commands alone. */
@Command(
    name = "faultlab",
    description = {
      "Breaks a network of processes while it trains, and checks what it promised.",
      "",
      "Starts 'up --processes' with six workers in a new folder, submits jobs of two builders, and"
          + " in the midst of them kills a worker, the leading node, the chain and everything,"
          + " stops a node for ten seconds, removes a node's state and replaces it, loses a worker whose"
          + " shard is saved, cuts a worker's link for a minute and fills a node's disk (a small"
          + " tmpfs, as root only). At the end all models must be those of plain training, bit for"
          + " bit, and the log must replay and agree with the chain."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex faultlab                  about fourteen minutes on two cores",
      "  shardex faultlab --dir lab        keep what it leaves in ./lab",
    })
public final class FaultlabCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "A new or empty folder (a temporary one, removed after success).")
  private @Nullable Path dir;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "30",
      description = "Rounds of each job; a builder whose job ends submits another (30).")
  private int rounds;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public FaultlabCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Path named = dir;
    Path folder = named == null ? Files.createTempDirectory("shardex-faultlab") : named;
    Files.createDirectories(folder);
    Logs.to(folder);
    Course course =
        new Course(
            folder.toAbsolutePath(),
            rounds,
            line -> {
              out.println(line);
              out.flush();
            });
    try {
      CtrlC.guarding(course::run, spec.commandLine().getErr());
    } catch (Broken broken) {
      throw broken.leftIn(folder);
    }
    return ExitCode.OK.number();
  }
}
