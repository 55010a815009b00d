package io.shardex.ops.founding;

import io.shardex.ops.ca.CertificateAuthority;
import io.shardex.ops.ca.TlsRequest;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.founding.NodeCard;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The network's CA, as a founding needs it: for just the hosts that the cards name. */
final class CaFolder {
  private final Path folder;
  private final CertificateAuthority ca;

  private CaFolder(Path folder, CertificateAuthority ca) {
    this.folder = folder;
    this.ca = ca;
  }

  static CaFolder open(Path folder) {
    try {
      return new CaFolder(folder, CertificateAuthority.open(folder, InstantSource.system()));
    } catch (IOException | KeyFileException | IllegalArgumentException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "the CA in %s cannot be used: %s".formatted(folder, e.getMessage()),
          "Name the folder of 'shardex ca init': --ca DIR",
          e);
    }
  }

  /** What plan and network file carry of it. */
  TrustRoots roots() {
    return ca.roots();
  }

  /** Passes if it is the plan's. */
  void require(NetworkPlan plan) {
    if (!plan.ca().equals(Optional.of(roots()))) {
      throw new Trouble(
          ExitCode.USAGE,
          plan.ca().isEmpty()
              ? "the plan has no CA, and --ca is " + folder
              : "the CA in " + folder + " is another one than the plan's",
          "Name the CA that the plan was made with: --ca DIR");
    }
  }

  /** The certificate of a card's node, as PEM. */
  String issue(NodeCard card) throws IOException {
    return ca.issue(
        TlsRequest.parse(card.request()),
        card.node().id(),
        hosts(card.node()),
        CertificateAuthority.NODE_DAYS);
  }

  /**
   * Passes if the card asks for a certificate of just the hosts it names, and the plan has a CA.
   */
  static void requireRequest(NetworkPlan plan, NodeCard card) {
    String id = card.node().id();
    Set<String> hosts = hosts(card.node());
    if (plan.ca().isEmpty()) {
      return;
    }
    String fix = "Let its operator run 'shardex node init' again";
    Set<String> asked;
    try {
      asked = new TreeSet<>(TlsRequest.parse(card.request()).hosts());
    } catch (IllegalArgumentException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "the certificate request of %s cannot be read: %s".formatted(id, e.getMessage()),
          fix,
          e);
    }
    if (!asked.equals(hosts)) {
      throw new Trouble(
          ExitCode.USAGE,
          "the card of %s is of a node at %s, but asks for a certificate for %s"
              .formatted(id, hosts, asked),
          fix);
    }
  }

  private static Set<String> hosts(NodeEntry node) {
    return Stream.of(node.gateway(), node.raft(), node.grid())
        .map(Endpoint::host)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
