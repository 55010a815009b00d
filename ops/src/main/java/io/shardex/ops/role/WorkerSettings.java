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
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * {@code worker.conf}: what one agent is told.
 *
 * @param config what the agent needs
 * @param network the network file it names
 * @param operatorPort of {@code /metrics}; 0 for any free one
 * @param onStop what a stop tells the market
 * @param drainTimeout how long a stop that drains waits for the lease
 */
public record WorkerSettings(
    WorkerConfig config,
    NetworkFile network,
    int operatorPort,
    OnStop onStop,
    Duration drainTimeout) {
  /** As long as a lease of the examples takes, many times over. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(10);

  /** The longest lease that anybody would wait for. */
  static final Duration LONGEST_DRAIN = Duration.ofDays(1);

  private static final SortedSet<String> KEYS =
      new TreeSet<>(
          List.of(
              "network",
              "nodes",
              "name",
              "key",
              "passphrase-file",
              "owner",
              "endorsement",
              "class",
              "memory",
              "reserve-per-hour",
              "threads",
              "cache",
              "commands",
              "commands-disk",
              "torch",
              "state",
              "operator-port",
              "on-stop",
              "drain-timeout"));

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

  /** Reads the file, the network file and the key. */
  public static WorkerSettings read(Path file) {
    RoleFile conf = RoleFile.read(file, KEYS);
    NetworkFile network = conf.network();
    ResourceClass resources =
        conf.maybe("class").map(ResourceClass::new).orElseGet(() -> new ResourceClass("cpu"));
    String name = conf.text("name");
    try {
      return new WorkerSettings(
          new WorkerConfig(
              name,
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
              conf.file("state", name),
              conf.number("threads", WorkerConfig.THREADS),
              conf.bytes("cache", WorkerConfig.CACHE_BYTES),
              new WorkerConfig.Commands(
                  conf.chosen("commands", OciRuntime.Kind.values(), "off"),
                  Math.toIntExact(
                      conf.bytes("commands-disk", (long) WorkerConfig.Commands.OFF.diskMiB() << 20)
                          >> 20)),
              conf.maybe("torch")
                  .filter(text -> !text.equals("off"))
                  .map(text -> conf.file("torch"))),
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
