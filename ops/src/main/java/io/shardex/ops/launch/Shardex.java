package io.shardex.ops.launch;

import io.shardex.cli.command.CommandTree;
import io.shardex.cli.command.Surroundings;
import io.shardex.ops.bench.BenchCommand;
import io.shardex.ops.ca.CaCommand;
import io.shardex.ops.demo.DemoCommand;
import io.shardex.ops.faultlab.FaultlabCommand;
import io.shardex.ops.founding.NetworkCommand;
import io.shardex.ops.role.NodeCommand;
import io.shardex.ops.role.WorkerCommand;
import io.shardex.ops.up.UpCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root command of {@code ops/shardex}: every role of the network is a subcommand of it. */
@Command(
    name = "shardex",
    description = "A decentralized marketplace for AI-training compute.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      NetworkCommand.class,
      NodeCommand.class,
      WorkerCommand.class,
      CaCommand.class,
      BenchCommand.class,
      FaultlabCommand.class,
      ReportCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex demo                     one training job, end to end",
      "  shardex demo --quick --seed 7    the same on a fifth of the data",
      "  shardex demo --keep --dir net    leave the network up, its state in ./net",
      "  shardex job submit my-job.yaml   a job of your own, on a network that is up",
      "",
      "SHARDEX_DEBUG=1 shows stack traces; SHARDEX_HEAP=2g sets the heap.",
    })
public final class Shardex {
  private Shardex() {}

  /** Runs one command line and ends the process with its {@link ExitCode}. */
  public static void main(String[] arguments) {
    Logs.quiet();
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command tree with the project's errors and exit codes. */
  public static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Shardex());
    CommandTree.addTo(root, Surroundings.ofThisProcess());
    ErrorTexts.attach(root);
    return root;
  }
}
