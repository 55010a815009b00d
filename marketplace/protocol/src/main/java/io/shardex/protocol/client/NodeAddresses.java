package io.shardex.protocol.client;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The nodes a client may speak to, in order of preference; at least one, none twice. */
public record NodeAddresses(List<NodeAddress> nodes) {
  public NodeAddresses {
    nodes = List.copyOf(nodes);
    if (nodes.isEmpty() || nodes.stream().distinct().count() < nodes.size()) {
      throw new IllegalArgumentException("expected distinct node addresses, but found " + nodes);
    }
  }

  public static NodeAddresses of(NodeAddress... nodes) {
    return new NodeAddresses(List.of(nodes));
  }

  /** Reads {@code host:port,host:port}. */
  public static NodeAddresses parse(String text) {
    return new NodeAddresses(Arrays.stream(text.split(",")).map(NodeAddress::parse).toList());
  }

  @Override
  public String toString() {
    return nodes.stream().map(NodeAddress::toString).collect(Collectors.joining(", "));
  }
}
