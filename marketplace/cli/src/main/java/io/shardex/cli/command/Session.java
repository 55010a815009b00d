package io.shardex.cli.command;

import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.Marketplace;
import io.shardex.cli.Unprepared;
import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Network.ClassTerms;
import io.shardex.market.ResourceClass;
import io.shardex.market.state.Job;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One command's work: reads files, asks for the passphrase and dials only when that is needed. A
 * command that signs calls {@link #key} before anything else. For one thread.
 */
final class Session implements AutoCloseable {
  private final Settings settings;
  private final Surroundings around;
  private final Wallet wallet;
  private @Nullable NetworkFile file;
  private @Nullable SigningKey key;
  private @Nullable Connections connections;
  private boolean checked;

  Session(Settings settings, Surroundings around) {
    this.settings = settings;
    this.around = around;
    this.wallet = new Wallet(settings, around);
  }

  Settings settings() {
    return settings;
  }

  Surroundings around() {
    return around;
  }

  Wallet wallet() {
    return wallet;
  }

  /** Reads the network file once. */
  NetworkFile file() throws IOException, InputRefused, Unprepared {
    NetworkFile known = file;
    if (known == null) {
      known = read(settings.path(Setting.NETWORK));
      file = known;
    }
    return known;
  }

  private static NetworkFile read(Path path) throws IOException, InputRefused, Unprepared {
    if (!Files.isRegularFile(path)) {
      throw new Unprepared(
          "there is no network file " + path,
          "Start a network with 'shardex up', or name another's file: --network FILE");
    }
    try {
      return NetworkFile.read(path);
    } catch (InvalidNetworkFile e) {
      throw new InputRefused(
          path + " is no network file: " + e.getMessage(),
          "Get the file from who runs the network, or name another: --network FILE");
    }
  }

  Network network() throws IOException, InputRefused, Unprepared {
    return file().network();
  }

  /** Opens the key once. */
  SigningKey key() throws InputRefused, Unprepared {
    SigningKey known = key;
    if (known == null) {
      if (connections != null) {
        throw new IllegalStateException("the key is wanted before the first connection");
      }
      known = wallet.open();
      key = known;
    }
    return known;
  }

  Connections connections() throws IOException, InputRefused, Unprepared {
    Connections open = connections;
    if (open == null) {
      open = around.connector().open(file(), Optional.ofNullable(key));
      connections = open;
    }
    return open;
  }

  TokenChain chain() throws IOException, InputRefused, Unprepared {
    return connections().chain();
  }

  /** The account that pays, once it is sure that it can pay for gas. */
  TokenChain.Holder holder() throws IOException, InputRefused, Unprepared {
    SigningKey opened = key();
    TokenChain chain = chain();
    if (chain.gas(opened.address()).signum() == 0) {
      throw new InputRefused(
          "account %s has no gas money on chain %d"
              .formatted(opened.address(), network().chainId()),
          "Send it some of the chain's own coin; on a development chain: shardex wallet faucet");
    }
    return chain.holder(opened);
  }

  MarketBoard board() throws IOException, InputRefused, Unprepared {
    requireSameNetwork();
    return connections().board();
  }

  Marketplace market() throws IOException, InputRefused, Unprepared {
    requireSameNetwork();
    return connections().market();
  }

  private void requireSameNetwork() throws IOException, InputRefused, Unprepared {
    if (!checked) {
      NetworkId there = NetworkId.of(connections().board().network());
      if (!there.equals(file().identity())) {
        throw wrongNetwork(there);
      }
      checked = true;
    }
  }

  private Unprepared wrongNetwork(NetworkId there) throws IOException, InputRefused, Unprepared {
    return new Unprepared(
        "the nodes that %s names are of network %s, but the file is of %s"
            .formatted(settings.path(Setting.NETWORK), there, file().identity()),
        "Use the network file of these nodes: --network FILE");
  }

  /**
   * The job that a text names: its whole id, or a beginning of it that only one job has.
   *
   * @throws Declined when there is none
   */
  JobId job(String text) throws IOException, InputRefused, Unprepared, Declined {
    String hex = (text.startsWith("0x") ? text.substring(2) : text).toLowerCase(Locale.ROOT);
    if (!hex.matches("[0-9a-f]{1,64}")) {
      throw new InputRefused(
          "'" + text + "' is no job id", "Job ids are hex digits; 'shardex job list' shows them");
    }
    if (hex.length() == 64) {
      return JobId.parse(hex);
    }
    List<JobId> found =
        Stream.concat(
                board().jobs(Optional.empty()).stream(),
                board().endedJobs(Optional.empty()).stream().map(JobAccount::job))
            .map(Job::id)
            .distinct()
            .filter(id -> id.toString().startsWith("0x" + hex))
            .toList();
    if (found.isEmpty()) {
      throw unknownJob(text);
    }
    if (found.size() > 1) {
      throw new InputRefused(
          "%d jobs have an id that begins with %s: %s"
              .formatted(
                  found.size(),
                  text,
                  found.stream().map(JobId::toString).collect(Collectors.joining(", "))),
          "Type more of it");
    }
    return found.getFirst();
  }

  /** A job and its books, in the market's state or out of it. */
  Optional<JobAccount> account(JobId id) throws IOException, InputRefused, Unprepared {
    Optional<JobAccount> alive = market().job(id);
    return alive.isPresent()
        ? alive
        : board().endedJobs(Optional.empty()).stream()
            .filter(ended -> ended.job().id().equals(id))
            .findFirst();
  }

  static Declined unknownJob(Object id) {
    return new Declined(
        "the market knows no job " + id,
        "'shardex job list --all' shows which there are; it may be of another network");
  }

  /** The user's own address, if there is a key. */
  Optional<Address> self() {
    try {
      return Optional.of(wallet.address());
    } catch (InputRefused | Unprepared e) {
      return Optional.empty();
    }
  }

  /** What a slot of the class does in an hour. */
  WorkUnits workPerHour(ResourceClass resources) throws IOException, InputRefused, Unprepared {
    return network().classes().stream()
        .filter(terms -> terms.resources().equals(resources))
        .map(ClassTerms::workPerHour)
        .findFirst()
        .orElse(new WorkUnits(0));
  }

  @Override
  public void close() {
    if (connections != null) {
      connections.close();
    }
  }
}
