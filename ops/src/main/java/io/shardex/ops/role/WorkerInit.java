package io.shardex.ops.role;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import io.shardex.cli.command.Surroundings;
import io.shardex.cli.command.Surroundings.Prompt;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Signature;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
          + " prints the --endorsement with which the same command goes on."
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
  private static final long MIB = 1 << 20;

  /** What an agent's heap must have besides the lease. */
  private static final long BESIDE_LEASE = 256 * MIB;

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
      description = "What 'worker endorse' printed; only with an address as --owner.")
  private @Nullable String endorsement;

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
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "512 MiB",
      description = "Memory that a lease may use (${DEFAULT-VALUE}).")
  private String memory;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "" + WorkerConfig.THREADS,
      description = "Threads that train (${DEFAULT-VALUE}).")
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
      names = "--state",
      paramLabel = "DIR",
      description = "The agent's journal, logs and cache (DIR/state).")
  private @Nullable Path state;

  @Option(names = "--dry-run", description = "Shows what would be written, and writes nothing.")
  private boolean dryRun;

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

  /** Who is paid, and how the worker's key gets the endorsement. */
  private sealed interface Owner {
    /** An address whose key is elsewhere. */
    record Elsewhere(Address address) implements Owner {}

    /** A keystore that is here. */
    record Here(Path keystore) implements Owner {}

    /** A keystore to be made. */
    record Made(Path keystore) implements Owner {}
  }

  @Override
  public Integer call() throws Exception {
    Path conf = dir.resolve("worker.conf");
    if (Files.exists(conf)) {
      throw usage(
          conf + " is there already, and nothing is written over",
          "Edit it, or name another folder: --dir DIR");
    }
    NetworkFile network = network();
    String called = called();
    NodeAddresses addresses = addresses(network);
    List<String> warnings = new ArrayList<>();
    Machine machine = looking.get();
    ResourceClass offered = offered(network.network(), machine, warnings);
    requireFits(machine);
    requireRuntime();
    // What is given is read before anybody is waited for.
    Optional<Owner> named = Optional.ofNullable(owner).map(this::owner);
    Optional<String> given =
        Optional.ofNullable(reserve).map(text -> floor(network.network(), offered, text));
    MarketSight sight = asking.apply(addresses, network.identity());
    warnings.addAll(sight.complaints());
    String floor = given.orElseGet(() -> askedFloor(network.network(), offered, sight));
    Owner whose = named.orElseGet(() -> owner(whoseIs()));
    Plan plan = new Plan(network, called, whose, offered, floor, sight);
    if (dryRun) {
      tellDry(plan, conf, warnings);
    } else {
      write(plan, conf, warnings);
    }
    return ExitCode.OK.number();
  }

  /** All that was given, asked for and found. */
  private record Plan(
      NetworkFile network,
      String name,
      Owner owner,
      ResourceClass resources,
      String reserve,
      MarketSight sight) {}

  private NetworkFile network() {
    Path named = networkFile;
    if (named == null) {
      Optional<String> usual =
          Optional.of("network.json").filter(text -> Files.exists(Path.of(text)));
      named = Path.of(required("--network", "Network file", usual));
      networkFile = named;
    }
    return RoleFile.network(named, "--network");
  }

  private String called() {
    String given = name;
    if (given == null) {
      Path folder = dir.toAbsolutePath().normalize().getFileName();
      given = folder == null ? "worker" : folder.toString();
    }
    if (!given.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
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
    List<String> traded =
        network.classes().stream().map(terms -> terms.resources().name()).toList();
    List<String> here = new ArrayList<>();
    here.add("cpu");
    machine.gpus().readings().forEach(reading -> here.add(reading.gpu().resources().name()));
    String named = resources;
    if (named == null) {
      List<String> both = here.stream().distinct().filter(traded::contains).toList();
      if (both.isEmpty()) {
        throw usage(
            "the network trades %s, and this machine has %s".formatted(traded, here),
            "Name the class all the same, with --class, or another network");
      }
      named =
          both.size() == 1
              ? both.getFirst()
              : required("--class", "Class, of " + both, Optional.of(both.getFirst()));
    }
    if (!traded.contains(named)) {
      throw usage(
          "the network has no class '" + named + "'",
          "Name one of " + String.join(", ", traded) + ": --class CLASS");
    }
    if (!here.contains(named)) {
      warnings.add("class " + named + " is offered, and no device here is one");
    }
    machine.gpus().faults().forEach(fault -> warnings.add(String.valueOf(fault.getMessage())));
    return new ResourceClass(named);
  }

  private static String floor(Network network, ResourceClass offered, String text) {
    try {
      UnitPrice unused = WorkerSettings.reserve(network, offered, text);
      return text;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw usage("--reserve-per-hour: " + e.getMessage(), "Write tokens an hour, such as 0.12");
    }
  }

  private String askedFloor(Network network, ResourceClass offered, MarketSight sight) {
    String now =
        Optional.ofNullable(sight.prices().get(offered))
            .map(price -> "; a worker gets " + hourly(network, offered, price) + " now")
            .orElse("");
    return floor(
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

  private void requireFits(Machine machine) {
    if (threads < 1 || threads > machine.host().processors()) {
      throw usage(
          "--threads: expected 1 to %d, the processors this process may use, but it is %d"
              .formatted(machine.host().processors(), threads),
          "Choose another number");
    }
    long offeredMiB = size("--memory", memory) / MIB;
    if (offeredMiB < 1 || offeredMiB > machine.host().memoryMiB()) {
      throw usage(
          "--memory: expected 1 to %d MiB, the machine's memory, but it is %d MiB"
              .formatted(machine.host().memoryMiB(), offeredMiB),
          "Choose another size, such as 512 MiB");
    }
    long unused = size("--cache", cache);
  }

  private static long size(String flag, String text) {
    try {
      Config config = ConfigFactory.parseString("size = " + ConfigUtil.quoteString(text));
      return config.getBytes("size");
    } catch (ConfigException e) {
      throw usage(flag + ": '" + text + "' is no size", "Write it as 512 MiB or 2 GiB");
    }
  }

  private void requireRuntime() {
    Optional<OciRuntime.Kind> kind;
    try {
      kind = RoleFile.choice(commands, OciRuntime.Kind.values(), "off");
    } catch (IllegalArgumentException e) {
      throw usage("--commands: " + e.getMessage(), "Choose one of them");
    }
    if (kind.isPresent() && OciRuntime.find(kind.get()).isEmpty()) {
      throw Trouble.environment(
          "commands are to be run by %s, which is not here".formatted(kind.get()),
          "Install %s, or leave --commands out".formatted(kind.get()));
    }
  }

  private String whoseIs() {
    return required(
        "--owner", "Owner: a keystore, its address, or 'new' for a new key", Optional.empty());
  }

  private Owner owner(String text) {
    Owner whose;
    if (text.equals("new")) {
      whose = new Owner.Made(dir.resolve("owner.json"));
    } else if (text.startsWith("0x")) {
      try {
        whose = new Owner.Elsewhere(Address.parse(text));
      } catch (IllegalArgumentException e) {
        throw usage(
            "--owner: '" + text + "' is no address",
            "An address is 0x and 40 hex digits; 'shardex wallet address --key FILE' prints it");
      }
    } else if (Files.exists(Path.of(text))) {
      whose = new Owner.Here(Path.of(text));
    } else {
      throw usage(
          "--owner: '" + text + "' is neither a file nor an address",
          "Name a keystore, 'new', or an address: 0x and 40 hex digits");
    }
    if (endorsement != null && !(whose instanceof Owner.Elsewhere)) {
      throw usage(
          "--endorsement is for an owner whose key is elsewhere, and --owner is a keystore",
          "Leave --endorsement out, or give the owner's address");
    }
    if (whose instanceof Owner.Made made && Files.exists(made.keystore())) {
      throw usage(
          made.keystore() + " is there already, and a key is never written over",
          "Take it: --owner " + made.keystore());
    }
    return whose;
  }

  private void write(Plan plan, Path conf, List<String> warnings)
      throws IOException, KeyFileException {
    Files.createDirectories(dir);
    PrintWriter out = spec.commandLine().getOut();
    TypedData typed = TypedData.of(plan.network().network());
    // The owner's first: a wrong passphrase then leaves nothing behind.
    Optional<SigningKey> owning =
        switch (plan.owner()) {
          case Owner.Elsewhere elsewhere -> Optional.empty();
          case Owner.Here here ->
              Optional.of(
                  Keystores.open(
                      here.keystore(), "--owner-passphrase-file", ownerPassphrase, prompt));
          case Owner.Made made ->
              Optional.of(
                  Keystores.create(
                      made.keystore(), "--owner-passphrase-file", ownerPassphrase, prompt));
        };
    Address worker = workerKey();
    Address whose =
        plan.owner() instanceof Owner.Elsewhere elsewhere
            ? elsewhere.address()
            : owning.orElseThrow().address();
    Optional<String> signed =
        owning.isPresent()
            ? Optional.of(
                HexFormat.of().formatHex(owning.get().sign(typed.workerKey(whose, worker)).bytes()))
            : given(typed, whose, worker);
    out.printf("worker %s of network %s%n", plan.name(), plan.network().identity());
    out.printf("  worker      %s, its key in %s%n", worker, keyFile());
    out.printf("  owner       %s%s%n", whose, ownersKey(plan.owner()));
    if (signed.isEmpty()) {
      warn(warnings);
      tellToEndorse(worker);
      return;
    }
    Files.writeString(conf, text(plan, whose, "0x" + signed.get()), StandardOpenOption.CREATE_NEW);
    out.printf("  config      %s%n", conf);
    out.printf(
        "  offers      %s, %s, %d thread%s, from %s an hour%n",
        plan.resources(), memory, threads, threads == 1 ? "" : "s", plan.reserve());
    Optional<String> lacking = lackingStake(plan, whose);
    lacking.ifPresent(warnings::add);
    warn(warnings);
    tellNext(plan, conf, lacking.isPresent());
  }

  /** The endorsement from the command line, if there is one; it must be this owner's. */
  private Optional<String> given(TypedData typed, Address whose, Address worker) {
    String text = endorsement;
    if (text == null) {
      return Optional.empty();
    }
    String hex = text.replaceFirst("^0x", "");
    Optional<Address> signer;
    try {
      signer =
          Signatures.recover(
              typed.workerKey(whose, worker), Signature.of(HexFormat.of().parseHex(hex)));
    } catch (IllegalArgumentException e) {
      throw usage(
          "--endorsement: it is no signature: " + e.getMessage(),
          "Give what 'shardex worker endorse' printed, 0x and 130 hex digits");
    }
    if (!signer.equals(Optional.of(whose))) {
      throw usage(
          "the endorsement is not of owner %s for worker %s in this network"
              .formatted(whose, worker),
          "Run 'shardex worker endorse' with this network file, the owner's key and this worker");
    }
    return Optional.of(hex);
  }

  /** The worker's own key, made unless it is there. */
  private Address workerKey() throws KeyFileException {
    Path secret = passphrase();
    boolean given = passphraseFile != null;
    try {
      char[] opens =
          given || Files.exists(secret)
              ? Passphrase.fromFile(secret)
              : Passphrase.toNewFile(secret, new SecureRandom());
      try {
        if (opens.length == 0) {
          throw usage("the passphrase in " + secret + " is empty", "Write one into it");
        }
        if (Files.exists(keyFile())) {
          return KeyFile.read(keyFile(), opens).address();
        }
        SigningKey key = SigningKey.random(new SecureRandom());
        // Nobody guesses 128 random bits, however cheap a guess is.
        KeyFile.write(keyFile(), key, opens, given ? Strength.STANDARD : Strength.LIGHT);
        return key.address();
      } finally {
        Arrays.fill(opens, '\0');
      }
    } catch (KeyFileException e) {
      throw Keystores.told(e);
    }
  }

  private String text(Plan plan, Address whose, String signed) {
    Path kept = state;
    return new WorkerConf(
            plan.name(),
            relative(networkPath()),
            Optional.ofNullable(nodes),
            relative(keyFile()),
            relative(passphrase()),
            whose,
            signed,
            plan.resources().name(),
            memory,
            plan.reserve(),
            threads,
            cache,
            commands,
            kept == null ? "state" : kept.toAbsolutePath().normalize().toString())
        .text();
  }

  private void tellDry(Plan plan, Path conf, List<String> warnings) {
    PrintWriter out = spec.commandLine().getOut();
    Address whose =
        switch (plan.owner()) {
          case Owner.Elsewhere elsewhere -> elsewhere.address();
          case Owner.Here here -> Keystores.address(here.keystore());
          case Owner.Made made -> Address.ZERO;
        };
    out.println("nothing is written; without --dry-run these are made:");
    if (plan.owner() instanceof Owner.Made made) {
      out.printf("  %s, the owner's key%n", made.keystore());
    }
    out.printf(
        "  %s, the worker's key%s%n",
        keyFile(), Files.exists(keyFile()) ? ", which is there already" : "");
    if (passphraseFile == null && !Files.exists(passphrase())) {
      out.printf("  %s, its passphrase%n", passphrase());
    }
    if (plan.owner() instanceof Owner.Elsewhere && endorsement == null) {
      out.println("  and, once there is an --endorsement,");
    }
    out.printf("  %s:%n%n", conf);
    String signed = "(the owner's signature over the worker's address)";
    String shown =
        text(plan, whose, signed)
            .replace(Address.ZERO.toString(), "(the address of the owner's new key)");
    shown.lines().forEach(line -> out.println(line.isEmpty() ? "" : "    " + line));
    lackingStake(plan, whose).ifPresent(warnings::add);
    warn(warnings);
  }

  /** What the owner's stake lacks for one more worker; nothing where it is not known. */
  private static Optional<String> lackingStake(Plan plan, Address whose) {
    Amount needed = plan.network().network().rules().money().workerStake();
    Optional<StakeAccount> stake =
        plan.owner() instanceof Owner.Made ? Optional.empty() : plan.sight().stake(whose);
    return stake
        .filter(there -> !covers(there, needed))
        .map(
            there ->
                "owner %s has %s bonded for %d workers; one more needs %s"
                    .formatted(
                        whose.brief(),
                        there.bonded(),
                        there.workers(),
                        Amount.of(needed.units() * (there.workers() + 1L))));
  }

  private static boolean covers(StakeAccount stake, Amount each) {
    return stake.bonded().units() >= each.units() * (stake.workers() + 1L);
  }

  private void warn(List<String> warnings) {
    PrintWriter out = spec.commandLine().getOut();
    warnings.forEach(warning -> out.println("warning: " + warning));
    out.flush();
  }

  private void tellToEndorse(Address worker) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Next, where the owner's key is:");
    out.printf(
        "  shardex worker endorse --network %s --key OWNER.json --worker %s%n",
        networkPath().getFileName(), worker);
    out.println("then this command again, with what that prints:");
    out.println("  shardex worker init ... --endorsement 0x...");
    out.flush();
  }

  private void tellNext(Plan plan, Path conf, boolean lacksStake) {
    PrintWriter out = spec.commandLine().getOut();
    Amount needed = plan.network().network().rules().money().workerStake();
    boolean stakeFirst = plan.owner() instanceof Owner.Made || lacksStake;
    out.println("Next:");
    if (stakeFirst) {
      out.printf(
          "  shardex wallet stake %s --network %s --key %s%n",
          needed,
          networkPath(),
          switch (plan.owner()) {
            case Owner.Elsewhere elsewhere -> "OWNER.json";
            case Owner.Here here -> here.keystore().toString();
            case Owner.Made made -> made.keystore().toString();
          });
    }
    String heap = heap();
    out.printf("  shardex worker self-test --config %s%n", conf);
    out.printf("  %sshardex worker run --config %s%n", heap, conf);
    if (!stakeFirst) {
      out.printf("  shardex worker status --config %s%n", conf);
    }
    out.flush();
  }

  /** The heap that the launcher gives a worker holds a lease of the default size only. */
  private String heap() {
    long needed = size("--memory", memory) + BESIDE_LEASE;
    return needed <= Runtime.getRuntime().maxMemory() + BESIDE_LEASE / 4
        ? ""
        : "SHARDEX_HEAP=%dm ".formatted(needed / MIB);
  }

  private static String ownersKey(Owner owner) {
    return switch (owner) {
      case Owner.Elsewhere elsewhere -> ", whose key is elsewhere";
      case Owner.Here here -> ", who has endorsed it";
      case Owner.Made made ->
          ", a new key in " + made.keystore() + ": keep a copy off this machine";
    };
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

  private Path networkPath() {
    Path named = networkFile;
    if (named == null) {
      throw new IllegalStateException("the network file is read first");
    }
    return named;
  }

  private Path keyFile() {
    return dir.resolve("worker.json");
  }

  private Path passphrase() {
    Path named = passphraseFile;
    return named == null ? dir.resolve("passphrase") : named;
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
