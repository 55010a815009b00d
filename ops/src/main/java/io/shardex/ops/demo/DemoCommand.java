package io.shardex.ops.demo;

import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Output;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalnetOptions;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex demo}: a network on this machine, and one training job on it from end to end. */
@Command(
    name = "demo",
    description = {
      "Runs one training job end to end on this machine.",
      "",
      "Starts a development chain, three scheduler nodes and five workers of four owners, one of"
          + " whom lies; submits examples/mnist.yaml, or your own job; shows how it is trained,"
          + " audited, paid for and fetched. Everything listens"
          + " on loopback only."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex demo                          all 60,000 images, 10 rounds",
      "  shardex demo --quick --seed 7         12,000 images, 3 rounds, other keys",
      "  shardex demo --job my-job.yaml        your own job on the same network",
      "  shardex demo --report report.json     and what scripts want to know",
      "  shardex demo --honest                 without the liar",
      "  shardex demo --keep --dir net         leave the network up, its state in ./net",
      "  shardex demo -o json                  one JSON object a line",
      "",
      "With -o json each line is an object whose kind is in \"event\":",
      "  note, ready, planned, paying, paid, confirming, uploaded, submitted,",
      "  shards (done, of, spent, price), round (loss, accuracy, price), ended,",
      "  drawn, sealed, equal, auditMissed, auditVoided, disputed, judged (of one",
      "  result each),",
      "  slashed, tainted, rolledBack,",
      "  plainTraining and report (only with --report), and done, the summary, last.",
      "Amounts are strings of millionths of a token, prices of the same for 10^12",
      "work units (workPerHour of planned converts them), shares go from 0 to 1.",
    })
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Write a report as JSON; trains the same job once more in one plain process to compare.")
  private @Nullable Path report;

  @Option(names = "--keep", description = "Leave the network up after the job, until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Keep the state in this folder; it must be new or empty.")
  private @Nullable Path dir;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the keys and of the model's first weights (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--honest", description = "Without mallory, a fourth owner whose worker lies.")
  private boolean honest;

  @ArgGroup(exclusive = true)
  private JobOptions job = new JobOptions();

  /** What is trained: the example, whole or in part, or the user's own job. */
  static final class JobOptions {
    @Option(
        names = "--quick",
        description = "The first 12,000 images of the example and 3 rounds only.")
    private boolean quick;

    @Option(
        names = "--job",
        paramLabel = "FILE",
        description =
            "Run this job file as it is instead; it is checked before anything is started.")
    private @Nullable Path file;
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (${DEFAULT-VALUE}).")
  private Output output;

  @ArgGroup(validate = false, heading = "%nPorts, 0 for any free one:%n")
  private PortOptions ports = new PortOptions();

  /** Where the network listens. */
  static final class PortOptions {
    @Option(
        names = "--chain-port",
        paramLabel = "PORT",
        defaultValue = "0",
        description = "The chain's JSON-RPC.")
    private int chain;

    @Option(
        names = "--gateway-port",
        paramLabel = "PORT",
        defaultValue = "0",
        description = "The first node's gateway; the others take the next ones.")
    private int gateway;

    @Option(
        names = "--operator-port",
        paramLabel = "PORT",
        defaultValue = "0",
        description = "/metrics, /healthz and /readyz.")
    private int operator;

    LocalnetOptions.Ports ports() {
      return new LocalnetOptions.Ports(chain, gateway, operator);
    }
  }

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    DemoOptions options =
        new DemoOptions(
            Optional.ofNullable(report),
            keep,
            Optional.ofNullable(dir),
            Optional.ofNullable(job.file),
            seed,
            job.quick,
            honest,
            ports.ports());
    options.report().ifPresent(DemoCommand::requireWritable);
    Demo demo =
        new Demo(
            options,
            Path.of(System.getProperty("user.home"), ".shardex"),
            Path.of(System.getProperty("shardex.home", ""), "examples", "mnist.yaml"),
            view(out),
            // Not the process: it is the launcher before, which may have built the tree.
            Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()));
    CtrlC.guarding(demo::run, spec.commandLine().getErr());
    return ExitCode.OK.number();
  }

  private DemoView view(PrintWriter out) {
    return switch (output) {
      case JSON -> new JsonView(out);
      case TEXT ->
          new TextView(LiveLine.isTerminal() ? LiveLine.terminal(out) : LiveLine.plain(out));
    };
  }

  /** Said now rather than after the work. */
  private static void requireWritable(Path report) {
    Path folder = report.toAbsolutePath().getParent();
    if (Files.isDirectory(report) || folder == null || !Files.isWritable(folder)) {
      throw new Trouble(
          ExitCode.USAGE,
          "the report " + report + " cannot be written there",
          "Name a file in a folder that exists");
    }
  }
}
