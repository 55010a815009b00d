package io.shardex.ops.role;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.UnitPrice;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a new worker offers, as the command line says it.
 *
 * @param slots how many there are; memory and threads are of each
 * @param memory such as {@code 512 MiB}
 * @param cache such as {@code 1 GiB}
 * @param commands {@code off}, {@code runc} or {@code runsc}
 * @param online whether commands may have the internet
 * @param torch a folder that {@code install-torch} made
 */
record InitOffer(
    int slots,
    String memory,
    int threads,
    String cache,
    String commands,
    boolean online,
    Optional<Path> torch) {
  private static final long MIB = 1 << 20;

  /** What an agent's heap must have besides the leases. */
  private static final long BESIDE_LEASES = 256 * MIB;

  /** Refuses what the machine does not have. */
  void requireFits(Machine machine) {
    if (slots < 1 || slots > AgentConfig.MOST_SLOTS) {
      throw usage(
          "--slots: expected 1 to %d, but it is %d".formatted(AgentConfig.MOST_SLOTS, slots),
          "Choose another number");
    }
    int processors = machine.host().processors();
    if (threads < 1 || (long) threads * slots > processors) {
      throw usage(
          "--threads: expected %s%d, the processors this process may use, but it is %d"
                  .formatted(
                      slots == 1 ? "1 to " : slots + " slots to have 1 to ", processors, threads)
              + (slots == 1 ? "" : " each"),
          "Choose another number");
    }
    long each = memoryMiB();
    if (each < 1 || each * slots > machine.host().memoryMiB()) {
      throw usage(
          "--memory: expected %s%d MiB, the machine's memory, but it is %d MiB"
                  .formatted(
                      slots == 1 ? "1 to " : slots + " slots to have 1 to ",
                      machine.host().memoryMiB(),
                      each)
              + (slots == 1 ? "" : " each"),
          "Choose another size, such as 512 MiB");
    }
    long unused = size("--cache", cache);
    requireRuntime();
    requireTorch();
  }

  long memoryMiB() {
    return size("--memory", memory) / MIB;
  }

  /** How a shell sets a larger heap than the launcher gives; empty where its own is enough. */
  String heap() {
    long needed = memoryMiB() * MIB * slots + BESIDE_LEASES;
    return needed <= Runtime.getRuntime().maxMemory() + BESIDE_LEASES / 4
        ? ""
        : "SHARDEX_HEAP=%dm ".formatted(needed / MIB);
  }

  /**
   * Classes that the machine has and the network trades.
   *
   * @throws Trouble if there is none
   */
  static List<String> classes(Network network, Machine machine) {
    List<String> traded = traded(network);
    List<String> here = here(machine);
    List<String> both = here.stream().distinct().filter(traded::contains).toList();
    if (both.isEmpty()) {
      throw usage(
          "the network trades %s, and this machine has %s".formatted(traded, here),
          "Name the class all the same, with --class, or another network");
    }
    return both;
  }

  /** The class of this name, of which there may be no device here. */
  static ResourceClass resources(
      String named, Network network, Machine machine, List<String> warnings) {
    List<String> traded = traded(network);
    if (!traded.contains(named)) {
      throw usage(
          "the network has no class '" + named + "'",
          "Name one of " + String.join(", ", traded) + ": --class CLASS");
    }
    if (!here(machine).contains(named)) {
      warnings.add("class " + named + " is offered, and no device here is one");
    }
    machine.gpus().faults().forEach(fault -> warnings.add(String.valueOf(fault.getMessage())));
    return new ResourceClass(named);
  }

  /** The price floor's text, if it is one. */
  static String floor(Network network, ResourceClass offered, String text) {
    try {
      UnitPrice unused = WorkerSettings.reserve(network, offered, text);
      return text;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw usage("--reserve-per-hour: " + e.getMessage(), "Write tokens an hour, such as 0.12");
    }
  }

  private static List<String> traded(Network network) {
    return network.classes().stream().map(terms -> terms.resources().name()).toList();
  }

  private static List<String> here(Machine machine) {
    List<String> here = new ArrayList<>();
    here.add("cpu");
    machine.gpus().readings().forEach(reading -> here.add(reading.gpu().resources().name()));
    return here;
  }

  private static long size(String flag, String text) {
    try {
      return ConfigFactory.parseString("size = " + ConfigUtil.quoteString(text)).getBytes("size");
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
    try {
      var unused = new AgentConfig.Commands(kind, online, AgentConfig.Commands.OFF.diskMiB());
    } catch (IllegalArgumentException e) {
      throw usage("--commands-network: " + e.getMessage(), "Add --commands runc, or leave it out");
    }
    if (kind.isPresent() && OciRuntime.find(kind.get()).isEmpty()) {
      throw Trouble.environment(
          "commands are to be run by %s, which is not here".formatted(kind.get()),
          "Install %s, or leave --commands out".formatted(kind.get()));
    }
  }

  private void requireTorch() {
    if (torch.isEmpty()) {
      return;
    }
    if (memoryMiB() < TorchLimits.LEAST_MEMORY_MIB) {
      throw usage(
          "--torch: libtorch needs a slot of %d MiB at least, but --memory is %s"
              .formatted(TorchLimits.LEAST_MEMORY_MIB, memory),
          "Raise --memory, or leave --torch out");
    }
    try {
      TorchInstall unused = TorchInstall.at(torch.get());
    } catch (IOException e) {
      throw Trouble.environment(
          "--torch: " + e.getMessage(), "Run that first, or leave --torch out");
    }
  }

  private static Trouble usage(String what, String fix) {
    return new Trouble(ExitCode.USAGE, what, fix);
  }
}
