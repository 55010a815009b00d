package io.shardex.ops.role;

import io.shardex.ops.founding.NodeInit;
import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Logs;
import io.shardex.ops.launch.Trouble;
import io.shardex.scheduler.NodeReplacement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex node}: a scheduler node of its own. */
@Command(
    name = "node",
    description = "Makes and runs one scheduler node: a replica of the market and a validator.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = NodeInit.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex node init --plan plan.json --id node-2 --host b.example.org",
      "  shardex node run --config node.conf         until Ctrl-C or SIGTERM",
      "  shardex node replace --config node.conf     once it has lost its state",
    })
public final class NodeCommand {
  private static final long LOOK_MILLIS = 200;

  @Spec private CommandSpec spec;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public NodeCommand() {}

  @Command(
      name = "run",
      description = {
        "Runs a node until Ctrl-C or SIGTERM.",
        "",
        "The config file (HOCON) names the network file, the node's id there, its key and where its"
            + " state is; docs/operating.md lists the keys. Started again on the same state it goes"
            + " on where it stopped, after a kill too."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = "  shardex node run --config /etc/shardex/node.conf")
  int run(
      @Option(
              names = "--config",
              required = true,
              paramLabel = "FILE",
              description = "The node's config file.")
          Path file)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    NodeSettings settings = NodeSettings.read(file);
    Logs.to(settings.state());
    CtrlC.guarding(() -> run(settings, out), spec.commandLine().getErr());
    return ExitCode.OK.number();
  }

  private static void run(NodeSettings settings, PrintWriter out) throws Exception {
    try (NodeRole node = NodeRole.start(settings)) {
      out.printf(
          "%s runs: gateway %s, metrics on port %d, log %s%n",
          settings.id(),
          settings.gateway(),
          settings.operatorPort(),
          settings.state().resolve("shardex.log"));
      out.flush();
      boolean ready = false;
      while (!node.stopped().isDone()) {
        if (!ready && node.isReady()) {
          ready = true;
          out.println(settings.id() + " is ready");
          out.flush();
        }
        await(node, ready);
      }
      throw stopped(settings, node.stopped().join());
    }
  }

  @Command(
      name = "replace",
      description = {
        "Brings a node back that has lost its state folder.",
        "",
        "A voter without its memory must not vote under its old name. While the other nodes are up,"
            + " this takes the node's old peer out of the Raft group, starts a new one with an empty"
            + " log, waits until it has been sent the log and taken in, and ends. Then start the"
            + " node as ever; 'up' and service managers do so by themselves. Interrupted, run it"
            + " again."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = {
        "  shardex node replace --config /etc/shardex/node.conf",
        "  shardex node replace --config net/conf/node-2.conf    a node of 'up --dir net'",
      })
  int replace(
      @Option(
              names = "--config",
              required = true,
              paramLabel = "FILE",
              description = "The node's config file.")
          Path file)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    NodeSettings settings = NodeSettings.read(file);
    Logs.to(settings.state());
    CtrlC.guarding(() -> replace(settings, out), spec.commandLine().getErr());
    return ExitCode.OK.number();
  }

  private static void replace(NodeSettings settings, PrintWriter out) throws InterruptedException {
    String again = "; then run this again, what is done already stays done";
    try {
      NodeReplacement.run(
          settings.config(),
          line -> {
            out.println(line);
            out.flush();
          });
    } catch (NodeReplacement.NothingLost whole) {
      throw new Trouble(
          ExitCode.USAGE,
          String.valueOf(whole.getMessage()),
          "Start it: shardex node run --config " + settings.file(),
          whole);
    } catch (IOException e) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          settings.id() + " cannot be replaced: " + e.getMessage(),
          "A majority of the nodes must be up, and nothing else listen on its Raft port" + again,
          e);
    }
    out.printf("start it: shardex node run --config %s%n", settings.file());
    out.flush();
  }

  private static void await(NodeRole node, boolean ready) throws Exception {
    if (ready) {
      var unused = node.stopped().get();
      return;
    }
    try {
      var unused = node.stopped().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // Looks again whether it is ready.
    }
  }

  private static Trouble stopped(NodeSettings settings, Optional<Throwable> why) {
    String fix =
        "Mend it and start the node again; the others go on. shardex.log in %s says more"
            .formatted(settings.state());
    return why.map(
            failure ->
                new Trouble(
                    ExitCode.FAILED, settings.id() + " stopped: " + root(failure), fix, failure))
        .orElseGet(() -> new Trouble(ExitCode.FAILED, settings.id() + " stopped by itself", fix));
  }

  /** The words of the first cause, which know more than those of what it led to. */
  private static String root(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at.getMessage() == null ? at.toString() : at.getMessage();
  }
}
