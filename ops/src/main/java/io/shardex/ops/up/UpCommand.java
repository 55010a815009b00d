package io.shardex.ops.up;

import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.role.TorchFolder;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import io.shardex.worker.runtime.torch.TorchInstall;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex up}: a network on this machine that stays up. */
@Command(
    name = "up",
    description = {
      "Keeps a network up on this machine until Ctrl-C.",
      "",
      "The first time it founds one: keys, a development chain with the contracts, three scheduler"
          + " nodes and some workers, all on loopback. Later it resumes it from its folder with"
          + " jobs, leases, ledger, blobs and chain. Submit to it from another terminal."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex up                         in this process, state in ~/.shardex/up",
      "  shardex up --processes             each node and worker in a process of its own",
      "  shardex up --dir net --workers 6   another network",
      "  shardex up --dir sealed --tls      one whose parts speak TLS",
      "  shardex up --torch                 one whose workers train TorchScript modules",
      "  kill -9 $(cat net/run/node-2.pid)  and see what happens",
    })
public final class UpCommand implements Callable<Integer> {
  private static final int MOST_WORKERS = 64;

  /** No folder has this name. */
  private static final String STANDARD = "";

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The network's folder (~/.shardex/up).")
  private @Nullable Path dir;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "How many workers (4 when founding, all that were founded later).")
  private @Nullable Integer workers;

  @Option(
      names = "--processes",
      description = "Each node and each worker in a process of its own; run/NAME.pid says which.")
  private boolean processes;

  @Option(
      names = "--restart-after",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description = "How long a part that ended stays away (${DEFAULT-VALUE}).")
  private int restartAfter;

  @Option(
      names = "--tls",
      description = "Found the network with a CA of its own, so that all speak TLS.")
  private boolean tls;

  @Option(
      names = "--commands",
      paramLabel = "RUNTIME",
      description =
          "Found workers that run commands in a sandbox: ${COMPLETION-CANDIDATES}; needs root.")
  private OciRuntime.@Nullable Kind commands;

  @Option(
      names = "--torch",
      paramLabel = "FOLDER",
      arity = "0..1",
      fallbackValue = STANDARD,
      description = {
        "Found workers that train TorchScript modules with the libtorch in this folder"
            + " (~/.shardex/torch), which 'worker install-torch' made."
      })
  private @Nullable String torch;

  @Option(
      names = "--no-audits",
      description =
          "Found a network that checks no result it need not: for measuring what a market costs"
              + " beside its audits, never for strangers.")
  private boolean noAudits;

  @ArgGroup(
      validate = false,
      heading = "%nPorts on 127.0.0.1, chosen when founding; 0 for any free one:%n")
  private PortOptions ports = new PortOptions();

  /** Where the network listens. */
  static final class PortOptions {
    @Option(
        names = "--chain-port",
        paramLabel = "PORT",
        defaultValue = "8545",
        description = "The chain's JSON-RPC (${DEFAULT-VALUE}).")
    private int chain;

    @Option(
        names = "--gateway-port",
        paramLabel = "PORT",
        defaultValue = "7411",
        description = "Gateway of node-1; the others take the next (${DEFAULT-VALUE}).")
    private int gateway;

    @Option(
        names = "--raft-port",
        paramLabel = "PORT",
        defaultValue = "7421",
        description = "Log of node-1; the others take the next (${DEFAULT-VALUE}).")
    private int raft;

    @Option(
        names = "--grid-port",
        paramLabel = "PORT",
        defaultValue = "7431",
        description = "Grid of node-1; each node takes two (${DEFAULT-VALUE}).")
    private int grid;

    @Option(
        names = "--operator-port",
        paramLabel = "PORT",
        defaultValue = "9464",
        description = "/metrics of node-1; the others take the next (${DEFAULT-VALUE}).")
    private int operator;

    @Option(
        names = "--worker-port",
        paramLabel = "PORT",
        defaultValue = "9471",
        description = "/metrics of worker-1; the others take the next (${DEFAULT-VALUE}).")
    private int worker;

    UpPorts ports() {
      return new UpPorts(chain, gateway, raft, grid, operator, worker);
    }
  }

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public UpCommand() {}

  @Override
  public Integer call() throws Exception {
    Integer count = workers;
    if (count != null && (count < 1 || count > MOST_WORKERS)) {
      throw new Trouble(
          ExitCode.USAGE,
          "--workers: expected 1 to " + MOST_WORKERS + ", but got " + count,
          "Choose another number");
    }
    if (restartAfter < 0) {
      throw new Trouble(
          ExitCode.USAGE,
          "--restart-after: expected a number of seconds, but got " + restartAfter,
          "Choose 0 or more");
    }
    Path folder = dir;
    PrintWriter out = spec.commandLine().getOut();
    Up up =
        new Up(
            new UpOptions(
                folder == null
                    ? Path.of(System.getProperty("user.home"), ".shardex", "up")
                    : folder,
                count == null ? OptionalInt.empty() : OptionalInt.of(count),
                processes,
                Duration.ofSeconds(restartAfter),
                tls,
                Optional.ofNullable(commands),
                Optional.ofNullable(torch).map(UpCommand::torchFolder),
                !noAudits,
                ports.ports()),
            line -> {
              out.println("  " + line);
              out.flush();
            });
    CtrlC.guarding(up::run, spec.commandLine().getErr());
    return ExitCode.OK.number();
  }

  private static Path torchFolder(String named) {
    Path folder = named.equals(STANDARD) ? TorchFolder.standard() : Path.of(named);
    try {
      return TorchInstall.at(folder).folder();
    } catch (IOException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "--torch: " + e.getMessage(),
          "Run 'shardex worker install-torch' first, or leave --torch out",
          e);
    }
  }
}
