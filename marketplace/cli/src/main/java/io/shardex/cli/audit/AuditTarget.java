package io.shardex.cli.audit;

import io.shardex.market.Network;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.Unreachable;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which network a command audits, how it prints, and what its exit code says. */
final class AuditTarget {
  static final int EQUAL = 0;
  static final int DIFFERENT = 1;
  static final int UNREACHABLE = 3;

  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "The network file. Default: SHARDEX_NETWORK, or ~/.shardex/up/network.json.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: ${DEFAULT-VALUE}.",
      defaultValue = "text")
  private String output = "text";

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** What a command does; may throw whatever its parts throw. */
  interface Work {
    int run() throws IOException, InterruptedException;
  }

  /** Runs it, and turns what it throws into a message and an exit code. */
  int run(Work work) {
    try {
      return work.run();
    } catch (Unreachable | NoNode | ChainFailure.Unavailable e) {
      return say(UNREACHABLE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return say(DIFFERENT, e);
    } catch (ParameterException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      return say(DIFFERENT, e);
    }
  }

  NetworkFile network() {
    Path path = path();
    try {
      return NetworkFile.read(path);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "cannot read the network file " + path + ": " + e, e);
    } catch (InvalidNetworkFile e) {
      throw new ParameterException(spec.commandLine(), path + ": " + e.getMessage(), e);
    }
  }

  boolean json() {
    if (!output.equals("text") && !output.equals("json")) {
      throw new ParameterException(spec.commandLine(), "-o is text or json, not '" + output + "'");
    }
    return output.equals("json");
  }

  CommandSpec spec() {
    return spec;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  static Nodes nodes(NetworkFile file) {
    return Nodes.openPublic(NodeAddresses.of(file), Patience.USUAL);
  }

  /**
   * What every node that answers holds now. Each is asked once: an audit is repeated rather than
   * waited for.
   */
  static List<NodeStatus> statuses(Nodes nodes) {
    return new MarketClient(nodes).statuses();
  }

  /** No node answered: nothing can be said of the network. */
  static final class NoNode extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoNode(NodeAddresses addresses) {
      super("none of " + addresses + " answered");
    }
  }

  static ChainClient chain(NetworkFile file) {
    Network network = file.network();
    return ChainClient.connect(file.rpc().stream().map(URI::create).toList(), network.chainId());
  }

  private Path path() {
    return file.orElseGet(
        () ->
            Optional.ofNullable(System.getenv("SHARDEX_NETWORK"))
                .map(Path::of)
                .orElseGet(
                    () -> Path.of(System.getProperty("user.home"), ".shardex/up/network.json")));
  }

  private int say(int code, Exception e) {
    err().println(e.getMessage() == null ? e.toString() : e.getMessage());
    err().flush();
    return code;
  }
}
