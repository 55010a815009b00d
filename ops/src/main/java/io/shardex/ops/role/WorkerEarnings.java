package io.shardex.ops.role;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OutputOption;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.PayeeAccount;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.settlement.ChainAccounts;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Payouts;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex worker earnings}. */
@Command(
    name = "earnings",
    description = {
      "Shows what an owner's workers earned: paid, pending, withheld and why.",
      "",
      "Paid is what the chain has confirmed; pending stands in the market's ledger and comes when"
          + " its job is settled. Needs no key: give --network and --owner, or a worker's --config,"
          + " for its owner. Times are UTC. With --verify each job's pay is compared with what the"
          + " contract credited; it ends with 1 if they differ."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex worker earnings --config worker.conf",
      "  shardex worker earnings --config worker.conf --by lease --since 7d",
      "  shardex worker earnings --network network.json --owner 0x80a5… --verify -o json",
    })
final class WorkerEarnings implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--config", paramLabel = "FILE", description = "A worker's config file.")
  private @Nullable Path config;

  @Option(names = "--network", paramLabel = "FILE", description = "The network file.")
  private @Nullable Path network;

  @Option(names = "--owner", paramLabel = "ADDRESS", description = "Whose earnings.")
  private @Nullable String owner;

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      defaultValue = "day",
      description = "A line for each lease, day, month or worker (${DEFAULT-VALUE}).")
  private EarningsReport.By by;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Lines from then on: 2026-11-01, 2026-11-01T12:00:00Z, 7d or 12h ago (all).")
  private @Nullable String since;

  @Option(
      names = "--verify",
      description = "Compare with what the contract credited, and show what can be withdrawn.")
  private boolean verify;

  @Mixin private OutputOption output;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WorkerEarnings() {}

  /** Of whom, and whom to ask. */
  private record Asked(Address owner, Network network, NodeAddresses nodes, List<String> rpc) {}

  @Override
  public Integer call() {
    Asked asked = asked();
    Instant from = since(Optional.ofNullable(since), InstantSource.system().instant());
    PayeeAccount account;
    try (Nodes nodes = Nodes.openPublic(asked.nodes(), Patience.USUAL)) {
      MarketClient market = new MarketClient(nodes);
      NetworkId there = NetworkId.of(market.network());
      if (!there.equals(NetworkId.of(asked.network()))) {
        throw Trouble.environment(
            "the nodes are of network %s, and the network file is of %s"
                .formatted(there, NetworkId.of(asked.network())),
            "Use the network file of these nodes");
      }
      account = market.earnings(asked.owner());
      account.earnings().close(job -> isOver(market.job(job)));
    }
    EarningsReport report = new EarningsReport(asked.owner(), account, by, from);
    Optional<Credit> credit = verify ? Optional.of(credit(asked, account)) : Optional.empty();
    tell(report, asked, credit);
    return credit.filter(found -> !found.differences().isEmpty()).isPresent()
        ? ExitCode.FAILED.number()
        : ExitCode.OK.number();
  }

  private static boolean isOver(Optional<JobAccount> job) {
    return job.map(there -> there.job().phase().ended()).orElse(true);
  }

  private Asked asked() {
    Path conf = config;
    Path file = network;
    if (conf != null) {
      WorkerSettings settings = WorkerSettings.read(conf);
      NetworkFile named = settings.network();
      return new Asked(
          owner == null ? settings.agent().slots().getFirst().owner() : address(owner),
          named.network(),
          settings.agent().slots().getFirst().nodes(),
          named.rpc());
    }
    String whose = owner;
    if (file == null || whose == null) {
      throw new Trouble(
          ExitCode.USAGE,
          "whose earnings is not said",
          "Give a worker's --config FILE, or --network FILE and --owner ADDRESS");
    }
    NetworkFile named = RoleFile.network(file, "--network");
    return new Asked(address(whose), named.network(), NodeAddresses.of(named), named.rpc());
  }

  private static Address address(String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "--owner: '" + text + "' is no address",
          "An address is 0x and 40 hex digits; 'shardex wallet address --key FILE' prints it");
    }
  }

  /** The time that a text names; the beginning of time for none. */
  static Instant since(Optional<String> text, Instant now) {
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    String said = text.get();
    try {
      if (said.matches("[0-9]{1,5}d")) {
        return now.minus(Duration.ofDays(Long.parseLong(said.substring(0, said.length() - 1))));
      }
      if (said.matches("[0-9]{1,6}h")) {
        return now.minus(Duration.ofHours(Long.parseLong(said.substring(0, said.length() - 1))));
      }
      return said.contains("T")
          ? Instant.parse(said)
          : LocalDate.parse(said).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "--since: '" + said + "' is no time",
          "Write 2026-11-01, 2026-11-01T12:00:00Z, 7d or 12h");
    }
  }

  /**
   * What the contract says.
   *
   * @param credited for the jobs that the market holds for paid or pending
   * @param differences where it is not what the market says, each a clause
   */
  private record Credit(Amount credited, Amount withdrawable, List<String> differences) {}

  /** A pending job may be credited already: the market waits until the block counts. */
  private static Credit credit(Asked asked, PayeeAccount account) {
    if (asked.owner().equals(asked.network().treasury())) {
      throw new Trouble(
          ExitCode.USAGE,
          "--verify: the owner is the network's treasury, and the contract credits it the fees too",
          "Leave --verify out; 'shardex audit verify' compares every line");
    }
    Amount credited = Amount.ZERO;
    List<String> differences = new ArrayList<>();
    List<URI> rpc = asked.rpc().stream().map(URI::create).toList();
    try (ChainClient chain = ChainClient.connect(rpc, asked.network().chainId())) {
      Contracts contracts = Contracts.of(asked.network());
      ChainAccounts accounts = new ChainAccounts(chain, contracts);
      for (Map.Entry<JobId, Amount> job : account.earnings().earned().entrySet()) {
        Amount there = accounts.creditedTo(job.getKey(), asked.owner());
        credited = credited.plus(there);
        boolean early = there.isZero() && !account.earnings().isPaid(job.getKey());
        if (!there.equals(job.getValue()) && !early) {
          differences.add(
              "job %s: the contract credited %s, the market says %s"
                  .formatted(job.getKey(), there, job.getValue()));
        }
      }
      return new Credit(
          credited, new Payouts(chain, contracts).withdrawable(asked.owner()), differences);
    }
  }

  private void tell(EarningsReport report, Asked asked, Optional<Credit> credit) {
    PrintWriter out = spec.commandLine().getOut();
    if (!output.isText()) {
      var object = report.json();
      credit.ifPresent(
          found -> {
            object
                .put("credited", Long.toString(found.credited().units()))
                .put("withdrawable", Long.toString(found.withdrawable().units()));
            var list = object.putArray("differences");
            found.differences().forEach(list::add);
          });
      out.println(object);
    } else {
      report.text().forEach(out::println);
      credit.ifPresent(
          found -> {
            out.println("credited      " + found.credited() + " by the contract, for these jobs");
            out.println("withdrawable  " + found.withdrawable());
            found.differences().forEach(line -> out.println("NO            " + line));
          });
      if (!report.account().whole()) {
        out.println(
            "warning: the node has not kept all of "
                + asked.owner().brief()
                + "'s history; the sums are too low");
      }
    }
    out.flush();
  }
}
