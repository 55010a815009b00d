package io.shardex.ops.role;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Signature;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.job.AmountText;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.CpuSet;
import io.shardex.worker.device.GpuShare;
import io.shardex.worker.device.Placement;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * {@code worker.conf}: what one agent is told.
 *
 * @param agent what the agent needs
 * @param network the network file it names
 * @param operatorPort of {@code /metrics}; 0 for any free one
 * @param onStop what a stop tells the market
 * @param drainTimeout how long a stop that drains waits for the leases
 */
public record WorkerSettings(
    AgentConfig agent,
    NetworkFile network,
    int operatorPort,
    OnStop onStop,
    Duration drainTimeout) {
  /** As long as a lease of the examples takes, many times over. */
  public static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(10);

  /** The longest lease that anybody would wait for. */
  static final Duration LONGEST_DRAIN = Duration.ofDays(1);

  /** How workers are called. */
  static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /** What each slot may have otherwise than the file says for all. */
  private static final SortedSet<String> SLOT_KEYS =
      new TreeSet<>(
          List.of(
              "name",
              "key",
              "passphrase-file",
              "endorsement",
              "class",
              "memory",
              "reserve-per-hour",
              "threads",
              "cpus",
              "gpu",
              "gpu-share"));

  private static final SortedSet<String> KEYS = new TreeSet<>(SLOT_KEYS);

  static {
    KEYS.addAll(
        List.of(
            "network",
            "nodes",
            "owner",
            "slots",
            "cache",
            "bandwidth",
            "commands",
            "commands-disk",
            "commands-network",
            "torch",
            "state",
            "operator-port",
            "on-stop",
            "drain-timeout"));
  }

  /** What happens to the worker's place in the market when the agent is stopped. */
  public enum OnStop {
    /** It takes nothing new, finishes the lease it holds, and leaves. */
    DRAIN,
    /** It leaves: takes nothing new, and gives up the lease it holds. */
    LEAVE,
    /** It says nothing, to go on after a start soon after. */
    PAUSE;

    /** As it is written in the file. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Reads the file, the network file and the keys. */
  public static WorkerSettings read(Path file) {
    RoleFile conf = RoleFile.read(file, KEYS);
    NetworkFile network = conf.network();
    try {
      return new WorkerSettings(
          agent(conf, network),
          network,
          conf.number("operator-port", 0),
          conf.chosen("on-stop", OnStop.values()).orElse(OnStop.DRAIN),
          drainTimeout(conf));
    } catch (Trouble known) {
      throw known;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw conf.refused(String.valueOf(e.getMessage()), "Mend it");
    }
  }

  private static AgentConfig agent(RoleFile conf, NetworkFile network) {
    String name = conf.text("name");
    Path folder = conf.file("state", name);
    return new AgentConfig(
        name,
        folder,
        conf.bytes("cache", AgentConfig.CACHE_BYTES),
        bandwidth(conf),
        new AgentConfig.Commands(
            conf.chosen("commands", OciRuntime.Kind.values(), "off"),
            conf.on("commands-network"),
            Math.toIntExact(
                conf.bytes("commands-disk", (long) AgentConfig.Commands.OFF.diskMiB() << 20)
                    >> 20)),
        conf.maybe("torch").filter(text -> !text.equals("off")).map(text -> conf.file("torch")),
        slots(conf, network, folder));
  }

  private static Bandwidth bandwidth(RoleFile conf) {
    return conf.maybe("bandwidth").filter(text -> !text.equals("off")).isEmpty()
        ? Bandwidth.UNBOUNDED
        : Bandwidth.of(conf.bytes("bandwidth", 0));
  }

  /** Without a list of slots the file is the only one. */
  private static List<WorkerConfig> slots(RoleFile conf, NetworkFile network, Path folder) {
    List<RoleFile> parts = conf.parts("slots", SLOT_KEYS);
    if (parts.isEmpty()) {
      return List.of(slot(conf, network, folder));
    }
    return parts.stream()
        .map(part -> slot(part, network, slotFolder(folder, part.text("name"))))
        .toList();
  }

  private static Path slotFolder(Path folder, String name) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "a slot's name is 1 to 64 letters, digits, dots and dashes, not '" + name + "'");
    }
    return folder.resolve("slots").resolve(name);
  }

  private static WorkerConfig slot(RoleFile conf, NetworkFile network, Path folder) {
    ResourceClass resources =
        conf.maybe("class").map(ResourceClass::new).orElseGet(() -> new ResourceClass("cpu"));
    return new WorkerConfig(
        conf.text("name"),
        network.network(),
        conf.maybe("nodes")
            .map(text -> NodeAddresses.parse(text, network.ca()))
            .orElseGet(() -> NodeAddresses.of(network)),
        conf.key(),
        conf.parsed("owner", Address::parse),
        conf.parsed(
            "endorsement",
            text -> Signature.of(HexFormat.of().parseHex(text.replaceFirst("^0x", "")))),
        resources,
        Math.toIntExact(conf.bytes("memory", 512L << 20) >> 20),
        conf.parsed("reserve-per-hour", text -> reserve(network.network(), resources, text)),
        folder,
        conf.number("threads", WorkerConfig.THREADS),
        new Placement(
            conf.maybe("cpus").map(text -> conf.parsed("cpus", CpuSet::parse)), gpu(conf)));
  }

  private static Optional<GpuShare> gpu(RoleFile conf) {
    Optional<String> gpu = conf.maybe("gpu");
    if (gpu.isEmpty() && conf.maybe("gpu-share").isPresent()) {
      throw new IllegalArgumentException(
          "'gpu-share': expected 'gpu' beside it, to say of which, but slot %s has none"
              .formatted(conf.text("name")));
    }
    return gpu.map(id -> new GpuShare(id, conf.number("gpu-share", GpuShare.WHOLE)));
  }

  private static Duration drainTimeout(RoleFile conf) {
    Duration atMost = conf.duration("drain-timeout", DRAIN_TIMEOUT);
    if (atMost.isNegative() || atMost.compareTo(LONGEST_DRAIN) > 0) {
      throw new IllegalArgumentException(
          "'drain-timeout': expected 0 to %d hours, but it is %s"
              .formatted(LONGEST_DRAIN.toHours(), atMost));
    }
    return atMost;
  }

  /** Tokens an hour of the class' slot, as a price of work; rounded down. */
  static UnitPrice reserve(Network network, ResourceClass resources, String text) {
    long workPerHour =
        network.classes().stream()
            .filter(terms -> terms.resources().equals(resources))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the network has no class '"
                            + resources.name()
                            + "'; it has "
                            + network.classes().stream()
                                .map(terms -> terms.resources().name())
                                .toList()))
            .workPerHour()
            .count();
    return new UnitPrice(
        BigInteger.valueOf(AmountText.parse(text).units())
            .multiply(BigInteger.valueOf(1_000_000_000_000L))
            .divide(BigInteger.valueOf(workPerHour))
            .longValueExact());
  }
}
