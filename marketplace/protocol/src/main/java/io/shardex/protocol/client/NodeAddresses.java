package io.shardex.protocol.client;

import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.tls.TrustRoots;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The nodes a client may speak to, and whom it takes for one.
 *
 * @param nodes in order of preference; at least one, none twice
 * @param ca with it only TLS is spoken, and only with who holds a certificate of it for his host;
 *     without it only plaintext, and only on loopback: any other host is refused by name, before
 *     anything is resolved or dialled
 */
public record NodeAddresses(List<NodeAddress> nodes, Optional<TrustRoots> ca) {
  /** Refuses with {@link PlaintextRefused} a host off loopback if there is no CA. */
  public NodeAddresses {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty() || nodes.stream().distinct().count() < nodes.size()) {
      throw new IllegalArgumentException("expected distinct node addresses, but found " + nodes);
    }
    if (ca.isEmpty()) {
      nodes.stream()
          .filter(node -> !node.isLoopback())
          .findFirst()
          .ifPresent(
              node -> {
                throw new PlaintextRefused(node.host());
              });
    }
  }

  /** Nodes on loopback, without TLS. */
  public static NodeAddresses of(NodeAddress... nodes) {
    return new NodeAddresses(List.of(nodes), Optional.empty());
  }

  /** The gateways of a network, or some of them. */
  public static NodeAddresses of(List<Endpoint> gateways, Optional<TrustRoots> ca) {
    return new NodeAddresses(
        gateways.stream().map(at -> new NodeAddress(at.host(), at.port())).toList(), ca);
  }

  /** All gateways of a network. */
  public static NodeAddresses of(NetworkFile network) {
    return of(network.gateways(), network.ca());
  }

  /** Reads {@code host:port,host:port}. */
  public static NodeAddresses parse(String text, Optional<TrustRoots> ca) {
    return new NodeAddresses(Arrays.stream(text.split(",")).map(NodeAddress::parse).toList(), ca);
  }

  @Override
  public String toString() {
    return nodes.stream().map(NodeAddress::toString).collect(Collectors.joining(", "));
  }
}
