package io.shardex.ops.role;

import io.shardex.cli.check.Checklist;
import io.shardex.cli.check.Gateway;
import io.shardex.cli.command.Surroundings;
import io.shardex.market.Address;
import io.shardex.ops.launch.CtrlC;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Logs;
import io.shardex.ops.launch.OutputOption;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.role.WorkerSettings.OnStop;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerStatus.Standing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex worker}: a provider's agent. */
@Command(
    name = "worker",
    description = "Runs a worker of one or several slots: offers this machine, trains, is paid.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {WorkerInit.class, WorkerEarnings.class, WorkerStatusCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex worker init",
      "  shardex worker self-test --config worker.conf",
      "  shardex worker run --config worker.conf",
      "  shardex worker status --config worker.conf",
      "  shardex worker earnings --config worker.conf",
      "  shardex worker drain --config worker.conf",
      "  shardex worker endorse --network network.json --key owner.json --worker 0x1f…",
    })
public final class WorkerCommand {
  private static final long LOOK_MILLIS = 200;

  /** For all that comes after the lease. */
  public static final Duration ORDERLY = Duration.ofSeconds(40);

  @Spec private CommandSpec spec;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public WorkerCommand() {}

  @Command(
      name = "run",
      description = {
        "Runs a worker until Ctrl-C or SIGTERM.",
        "",
        "The config file (HOCON) names the network file, the worker's own key, its owner with the"
            + " owner's endorsement, and what it offers; docs/operating.md lists the keys."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = "  shardex worker run --config worker.conf")
  int run(
      @Option(
              names = "--config",
              required = true,
              paramLabel = "FILE",
              description = "The worker's config file.")
          Path file)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    WorkerSettings settings = WorkerSettings.read(file);
    Logs.to(settings.agent().folder());
    CtrlC.guarding(() -> run(settings, out), () -> ending(settings), spec.commandLine().getErr());
    return ExitCode.OK.number();
  }

  /** How long a stop may take: a drain waits for the leases, all else is over soon. */
  private static CtrlC.Ending ending(WorkerSettings settings) {
    Optional<Duration> drain = new AgentFile(settings.agent().folder()).askedToDrain();
    if (drain.isEmpty() && settings.onStop() == OnStop.DRAIN) {
      drain = Optional.of(settings.drainTimeout());
    }
    return new CtrlC.Ending(
        drain
            .map(
                atMost ->
                    "finishing the leases, if there are any, for %d s at most"
                        .formatted(atMost.toSeconds()))
            .orElse("stopping"),
        drain.orElse(Duration.ZERO).plus(ORDERLY));
  }

  @Command(
      name = "drain",
      description = {
        "Stops a running worker once it has finished its leases.",
        "",
        "No slot takes anything new from now on. After the timeout the leases are given up, and the"
            + " market leases their shards to others. Asked once more with a shorter timeout it"
            + " hurries: 0 gives the leases up at once. Ends with 1 if a lease was given up, or the"
            + " worker does not end."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = "  shardex worker drain --config worker.conf --timeout 30")
  int drain(
      @Option(
              names = "--config",
              required = true,
              paramLabel = "FILE",
              description = "The config file the worker runs with.")
          Path file,
      @Option(
              names = "--timeout",
              paramLabel = "MINUTES",
              description = "How long to wait for its leases (the config's 'drain-timeout').")
          @Nullable Integer minutes)
      throws IOException, InterruptedException {
    WorkerSettings settings = WorkerSettings.read(file);
    String name = settings.agent().name();
    Duration atMost = minutes == null ? settings.drainTimeout() : Duration.ofMinutes(minutes);
    if (atMost.isNegative() || atMost.compareTo(WorkerSettings.LONGEST_DRAIN) > 0) {
      throw new Trouble(
          ExitCode.USAGE,
          "--timeout: expected 0 to %d minutes, but got %d"
              .formatted(WorkerSettings.LONGEST_DRAIN.toMinutes(), atMost.toMinutes()),
          "Choose another number");
    }
    AgentFile agent = new AgentFile(settings.agent().folder());
    ProcessHandle process =
        agent
            .running()
            .orElseThrow(
                () ->
                    new Trouble(
                        ExitCode.USAGE,
                        "no worker runs with the state folder " + settings.agent().folder(),
                        "Name the config file that it was started with"));
    agent.askToDrain(atMost);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s (process %d) takes nothing new and finishes its leases, for %d s at most%n",
        name, process.pid(), atMost.toSeconds());
    out.flush();
    if (!process.destroy()) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          "process %d cannot be told to stop".formatted(process.pid()),
          "Run this as the user that runs the worker");
    }
    try {
      var unused = process.onExit().get(atMost.plus(ORDERLY).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new Trouble(
          ExitCode.FAILED,
          "%s (process %d) has not ended".formatted(name, process.pid()),
          "See shardex.log in " + settings.agent().folder(),
          e);
    }
    if (agent.hasAbandoned()) {
      throw new Trouble(
          ExitCode.FAILED,
          "%s has ended, but it had to give a lease up after %d s"
              .formatted(name, atMost.toSeconds()),
          "The market leases the shard to another; give it a longer --timeout next time");
    }
    out.println(name + " has ended");
    out.flush();
    return ExitCode.OK.number();
  }

  @Command(
      name = "self-test",
      description = {
        "Checks whether this machine can do what an agent would offer on it, a line each: ok, or"
            + " what is wrong and its fix.",
        "",
        "JDK, processor, memory and GPUs always; config, key and disk with a config file; gateways"
            + " and clock with a config or network file. It changes nothing. Ends with 3 if a check"
            + " fails.",
        "",
        "With --bench the machine solves a hardware challenge as the market sets them, with the"
            + " config's threads and half of its memory, and the figures are told."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = {
        "  shardex worker self-test",
        "  shardex worker self-test --config worker.conf --bench",
        "  shardex worker self-test --network network.json -o json",
      })
  int selfTest(
      @Option(
              names = "--config",
              paramLabel = "FILE",
              description = "A worker's config file; what it offers is compared with what is here.")
          @Nullable Path config,
      @Option(
              names = "--network",
              paramLabel = "FILE",
              description = "The network file; without it the config's.")
          @Nullable Path network,
      @Option(
              names = "--bench",
              description = "Measure the machine, too: a few seconds of all its offered threads.")
          boolean bench,
      @Mixin OutputOption output)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Checklist checks =
        new Checklist(
            line -> {
              if (output.isText()) {
                out.println(line);
                out.flush();
              }
            },
            SelfTest::fix);
    new SelfTest(Machine.here(), Gateway::ask, InstantSource.system(), checks)
        .run(Optional.ofNullable(config), Optional.ofNullable(network), bench);
    if (!output.isText()) {
      out.println(checks.result());
      out.flush();
    }
    checks.end();
    return ExitCode.OK.number();
  }

  @Command(
      name = "install-torch",
      description = {
        "Installs libtorch and its Java binding, for training builders' TorchScript modules.",
        "",
        "Maven fetches 115 MB of pinned files; unpacked it is 550 MB. What is there is checked and"
            + " not fetched again. Then a toy is trained, and the last line says whether that"
            + " repeats to the bit here."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = {
        "  shardex worker install-torch",
        "  shardex worker install-torch --dir /opt/shardex-torch"
      })
  int installTorch(
      @Option(
              names = "--dir",
              paramLabel = "DIR",
              description = "Where to ($SHARDEX_TORCH, or .shardex/torch at home).")
          @Nullable Path dir)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    TorchFolder folder = TorchFolder.at(dir == null ? TorchFolder.standard() : dir);
    String installed =
        folder.install(
            line -> {
              err.println(line);
              err.flush();
            });
    out.println(installed);
    out.flush();
    return ExitCode.OK.number();
  }

  private static void run(WorkerSettings settings, PrintWriter out)
      throws IOException, InterruptedException {
    // Fails if another agent runs, whose file stays as it is then.
    WorkerRole started = WorkerRole.start(settings);
    AgentFile file = new AgentFile(settings.agent().folder());
    try (WorkerRole worker = started) {
      file.write(worker.operatorPort());
      for (WorkerConfig slot : settings.agent().slots()) {
        out.printf(
            "%s runs as %s for owner %s, metrics on port %d%n",
            slot.name(), slot.key().address(), slot.owner(), worker.operatorPort());
      }
      Map<String, Standing> told = new HashMap<>();
      while (!isRefused(worker)) {
        tell(worker, told, out);
        Thread.sleep(LOOK_MILLIS);
      }
      tell(worker, told, out);
      throw new Trouble(
          ExitCode.REFUSED,
          "the market refuses all of " + settings.agent().name(),
          "Mend the config file: the owner, the endorsements and the classes");
    } finally {
      file.remove();
    }
  }

  /** Whether no slot can go on. */
  private static boolean isRefused(WorkerRole worker) {
    return worker.status().values().stream().allMatch(slot -> slot.standing() == Standing.REFUSED);
  }

  /** Says which slots stand otherwise than was told. */
  private static void tell(WorkerRole worker, Map<String, Standing> told, PrintWriter out) {
    worker
        .status()
        .forEach(
            (name, now) -> {
              Standing before = told.put(name, now.standing());
              if (now.standing() != Objects.requireNonNullElse(before, Standing.CONNECTING)) {
                out.println(name + " is " + now.standing() + ": " + now.detail());
              }
            });
    out.flush();
  }

  @Command(
      name = "endorse",
      description = {
        "As an owner: signs that a worker's key stands under one's stake.",
        "",
        "Prints the endorsement that goes into worker.conf, a line for each worker; the owner's key"
            + " itself never comes near the worker's machine."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer =
          "  shardex worker endorse --network network.json --key owner.json"
              + " --passphrase-file owner.pass --worker 0x1f…")
  int endorse(
      @Option(names = "--network", required = true, paramLabel = "FILE") Path network,
      @Option(names = "--key", required = true, paramLabel = "FILE") Path key,
      @Option(
              names = "--passphrase-file",
              paramLabel = "FILE",
              description = "Holds the keystore's passphrase; without it you are asked.")
          @Nullable Path passphrase,
      @Option(
              names = "--worker",
              required = true,
              paramLabel = "ADDRESS",
              description = "The worker's address; for several slots once for each.")
          List<String> workers) {
    TypedData typed = TypedData.of(RoleFile.network(network, "--network").network());
    List<Address> hot = workers.stream().map(WorkerCommand::address).toList();
    SigningKey owner =
        Keystores.open(key, "--passphrase-file", passphrase, Surroundings.ofThisProcess().prompt());
    PrintWriter out = spec.commandLine().getOut();
    SlotKeys.endorsed(owner, typed, hot).forEach(out::println);
    out.flush();
    return ExitCode.OK.number();
  }

  private static Address address(String worker) {
    try {
      return Address.parse(worker);
    } catch (IllegalArgumentException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "--worker: '" + worker + "' is no address",
          "An address is 0x and 40 hex digits; 'shardex worker init' prints it");
    }
  }
}
