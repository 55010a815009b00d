package io.shardex.ops.role;

import io.shardex.cli.command.Surroundings;
import io.shardex.cli.command.Surroundings.Prompt;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OutputOption;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.WorkerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code shardex worker init}: all that an agent needs, in a folder: its key, the owner's
 * endorsement of it, and {@code worker.conf}.
 */
@Command(
    name = "init",
    description = {
      "Makes a new worker's key and worker.conf, as 'worker run' takes it.",
      "",
      "What is needed and not given is asked for at a terminal. Nothing is written over; a key that"
          + " is there already is taken again. --owner is the owner's keystore, which then endorses"
          + " the worker's key at once; or 'new', for a new one in DIR/owner.json; or only the"
          + " owner's address: then the key is made, and 'worker endorse' where the owner's key is"
          + " prints the --endorsement with which the same command goes on. Each of several --slots"
          + " is a worker with a key of its own, of as much memory and as many threads as said."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex worker init",
      "  shardex worker init --dir ada-1 --network network.json --owner owner.json \\",
      "      --owner-passphrase-file owner.pass --reserve-per-hour 0.12",
      "  shardex worker init --dir ada-1 --owner 0x80a5… --reserve-per-hour 0.12 --dry-run",
    })
final class WorkerInit implements Callable<Integer> {
  private final Prompt prompt;
  private final Supplier<Machine> looking;
  private final BiFunction<NodeAddresses, NetworkId, MarketSight> asking;

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where worker.conf, worker.json and passphrase go (the current folder).")
  private Path dir;

  @Option(names = "--network", paramLabel = "FILE", description = "The network file.")
  private @Nullable Path networkFile;

  @Option(
      names = "--nodes",
      paramLabel = "HOST:PORT,...",
      description = "Gateways to dial (those of the network file).")
  private @Nullable String nodes;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "In logs and metrics (the folder's name).")
  private @Nullable String name;

  @Option(
      names = "--owner",
      paramLabel = "WHO",
      description =
          "Whose stake stands behind the worker and who is paid: a keystore, 'new' or an address.")
  private @Nullable String owner;

  @Option(
      names = "--owner-passphrase-file",
      paramLabel = "FILE",
      description = "Holds the passphrase of the owner's keystore; without it you are asked.")
  private @Nullable Path ownerPassphrase;

  @Option(
      names = "--endorsement",
      paramLabel = "HEX",
      split = ",",
      description =
          "What 'worker endorse' printed, once for each slot; only with an address as --owner.")
  private @Nullable List<String> endorsement;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "Holds the passphrase of the worker's own key, which the agent needs at each start;"
              + " without it a random one is made in DIR/passphrase.")
  private @Nullable Path passphraseFile;

  @Option(
      names = "--reserve-per-hour",
      paramLabel = "TOKENS",
      description = "The price floor: the least net price a slot-hour, such as 0.12.")
  private @Nullable String reserve;

  @Option(
      names = "--class",
      paramLabel = "CLASS",
      description = "Class of the slot, one of the network's that this machine has (cpu).")
  private @Nullable String resources;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "1",
      description = "Leases side by side, each of a worker with its own key (${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "512 MiB",
      description = "Memory that a lease may use, in each slot (${DEFAULT-VALUE}).")
  private String memory;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "" + WorkerConfig.THREADS,
      description = "Threads that train, in each slot (${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      defaultValue = "1 GiB",
      description = "The most that the cache may take on disk (${DEFAULT-VALUE}).")
  private String cache;

  @Option(
      names = "--commands",
      paramLabel = "RUNTIME",
      defaultValue = "off",
      description = "off, runc or runsc: run strangers' commands in a sandbox (${DEFAULT-VALUE}).")
  private String commands;

  @Option(
      names = "--commands-network",
      description =
          "Let commands whose jobs need it have the internet, but not this host and its LAN;"
              + " needs --commands runc.")
  private boolean online;

  @Option(
      names = "--torch",
      paramLabel = "DIR",
      description =
          "A folder that 'worker install-torch' made: train strangers' TorchScript modules (off).")
  private @Nullable Path torch;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "The agent's journal, logs and cache (DIR/state).")
  private @Nullable Path state;

  @Option(names = "--dry-run", description = "Shows what would be written, and writes nothing.")
  private boolean dryRun;

  @Mixin private OutputOption output;

  /** As picocli makes it. */
  WorkerInit() {
    this(Surroundings.ofThisProcess().prompt(), Machine::here, MarketSight::of);
  }

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WorkerInit(
      Prompt prompt,
      Supplier<Machine> looking,
      BiFunction<NodeAddresses, NetworkId, MarketSight> asking) {
    this.prompt = prompt;
    this.looking = looking;
    this.asking = asking;
  }

  @Override
  public Integer call() throws Exception {
    Path conf = dir.resolve("worker.conf");
    if (Files.exists(conf)) {
      throw usage(
          conf + " is there already, and nothing is written over",
          "Edit it, or name another folder: --dir DIR");
    }
    Path networkPath = networkPath();
    NetworkFile network = RoleFile.network(networkPath, "--network");
    String called = called();
    NodeAddresses addresses = addresses(network);
    List<String> warnings = new ArrayList<>();
    Machine machine = looking.get();
    ResourceClass offered = offered(network.network(), machine, warnings);
    InitOffer offer =
        new InitOffer(slots, memory, threads, cache, commands, online, Optional.ofNullable(torch));
    offer.requireFits(machine);
    // What is given is read before anybody is waited for.
    Optional<InitOwner> named = Optional.ofNullable(owner).map(this::owner);
    Optional<String> given =
        Optional.ofNullable(reserve).map(text -> InitOffer.floor(network.network(), offered, text));
    MarketSight sight = asking.apply(addresses, network.identity());
    warnings.addAll(sight.complaints());
    String floor = given.orElseGet(() -> askedFloor(network.network(), offered, sight));
    InitOwner whose = named.orElseGet(() -> owner(whoseIs()));
    InitText told =
        new InitText(
            called,
            networkPath,
            network,
            conf,
            whose,
            new SlotKeys(dir, Optional.ofNullable(passphraseFile), slots),
            offer,
            offered.name(),
            floor,
            sight,
            warnings);
    if (dryRun) {
      showDry(told);
    } else {
      write(told);
    }
    return ExitCode.OK.number();
  }

  private Path networkPath() {
    Path named = networkFile;
    if (named != null) {
      return named;
    }
    Optional<String> usual =
        Optional.of("network.json").filter(text -> Files.exists(Path.of(text)));
    return Path.of(required("--network", "Network file", usual));
  }

  private String called() {
    String given = name;
    if (given == null) {
      Path folder = dir.toAbsolutePath().normalize().getFileName();
      given = folder == null ? "worker" : folder.toString();
    }
    if (!given.matches(WorkerSettings.NAME)) {
      throw usage(
          "'" + given + "' is no name for a worker",
          "Choose 1 to 64 letters, digits, dots and dashes: --name NAME");
    }
    return given;
  }

  private NodeAddresses addresses(NetworkFile network) {
    String given = nodes;
    if (given == null) {
      return NodeAddresses.of(network);
    }
    try {
      return NodeAddresses.parse(given, network.ca());
    } catch (IllegalArgumentException e) {
      throw usage("--nodes: " + e.getMessage(), "Write HOST:PORT, several with commas between");
    }
  }

  /** What the machine has and the network trades; a GPU is taken only if it is named. */
  private ResourceClass offered(Network network, Machine machine, List<String> warnings) {
    String named = resources;
    if (named == null) {
      List<String> both = InitOffer.classes(network, machine);
      named =
          both.size() == 1
              ? both.getFirst()
              : required("--class", "Class, of " + both, Optional.of(both.getFirst()));
    }
    return InitOffer.resources(named, network, machine, warnings);
  }

  private String askedFloor(Network network, ResourceClass offered, MarketSight sight) {
    String now =
        Optional.ofNullable(sight.prices().get(offered))
            .map(price -> "; a worker gets " + hourly(network, offered, price) + " now")
            .orElse("");
    return InitOffer.floor(
        network,
        offered,
        required(
            "--reserve-per-hour",
            "Price floor, in tokens a slot-hour after the fee" + now,
            Optional.empty()));
  }

  private static String hourly(Network network, ResourceClass offered, UnitPrice gross) {
    UnitPrice net = gross.less(network.rules().money().fee());
    return network.classes().stream()
        .filter(terms -> terms.resources().equals(offered))
        .findFirst()
        .map(
            terms ->
                BigDecimal.valueOf(net.perHour(terms.workPerHour()).units(), 6)
                    .setScale(4, RoundingMode.HALF_UP)
                    .toPlainString())
        .orElseThrow();
  }

  private String whoseIs() {
    return required(
        "--owner", "Owner: a keystore, its address, or 'new' for a new key", Optional.empty());
  }

  private InitOwner owner(String text) {
    InitOwner whose = InitOwner.of(text, dir);
    if (!endorsements().isEmpty() && !(whose instanceof InitOwner.Elsewhere)) {
      throw usage(
          "--endorsement is for an owner whose key is elsewhere, and --owner is a keystore",
          "Leave --endorsement out, or give the owner's address");
    }
    return whose;
  }

  private List<String> endorsements() {
    List<String> given = endorsement;
    return given == null ? List.of() : given;
  }

  private void write(InitText told) throws IOException {
    Files.createDirectories(dir);
    TypedData typed = TypedData.of(told.file().network());
    // The owner's first: a wrong passphrase then leaves nothing behind.
    Optional<SigningKey> owning = told.owner().key(Optional.ofNullable(ownerPassphrase), prompt);
    List<Address> workers = told.keys().make();
    Address whose = owning.map(SigningKey::address).or(told.owner()::known).orElseThrow();
    Optional<List<String>> signed =
        owning.isPresent()
            ? Optional.of(SlotKeys.endorsed(owning.get(), typed, workers))
            : SlotKeys.endorsed(endorsements(), typed, whose, workers);
    if (signed.isPresent()) {
      Files.writeString(
          told.conf(), text(told, whose.toString(), signed.get()), StandardOpenOption.CREATE_NEW);
    }
    PrintWriter out = spec.commandLine().getOut();
    output.print(
        out,
        () -> told.json(whose, workers, signed.isPresent()),
        () -> told.made(whose, workers, signed.isPresent()).forEach(out::println));
  }

  private void showDry(InitText told) {
    String whose =
        told.owner().known().map(Address::toString).orElse("(the address of the owner's new key)");
    String config =
        text(
            told,
            whose,
            Collections.nCopies(slots, "(the owner's signature over the worker's address)"));
    PrintWriter out = spec.commandLine().getOut();
    output.print(out, () -> told.dryJson(config), () -> told.dry(config).forEach(out::println));
  }

  private String text(InitText told, String whose, List<String> signed) {
    Path kept = state;
    List<WorkerConf.Slot> each = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      each.add(
          new WorkerConf.Slot(
              slots == 1 ? told.name() : told.name() + "-" + (i + 1),
              relative(told.keys().files().get(i)),
              signed.get(i)));
    }
    return new WorkerConf(
            told.name(),
            relative(told.network()),
            Optional.ofNullable(nodes),
            relative(told.keys().passphrase()),
            whose,
            each,
            told.resources(),
            told.offer(),
            told.reserve(),
            kept == null ? "state" : kept.toAbsolutePath().normalize().toString())
        .text();
  }

  /** What a person answers; the usual for an empty answer, and where nobody is to be asked. */
  private String required(String flag, String question, Optional<String> usual) {
    String asked = question + usual.map(text -> " [" + text + "]").orElse("");
    return prompt
        .askOpenly(asked)
        .map(String::strip)
        .filter(answer -> !answer.isEmpty())
        .or(() -> usual)
        .orElseThrow(
            () ->
                usage(
                    flag + " is not given",
                    "Give it on the command line; 'shardex worker init --help' has examples"));
  }

  /** As worker.conf names it: relative if it lies beside it. */
  private String relative(Path file) {
    Path folder = dir.toAbsolutePath().normalize();
    Path full = file.toAbsolutePath().normalize();
    return full.startsWith(folder) ? folder.relativize(full).toString() : full.toString();
  }

  private static Trouble usage(String what, String fix) {
    return new Trouble(ExitCode.USAGE, what, fix);
  }
}
