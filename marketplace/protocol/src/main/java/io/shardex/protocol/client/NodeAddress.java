package io.shardex.protocol.client;

import io.shardex.protocol.network.Endpoint;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a scheduler node's gateway listens.
 *
 * @param host a name or an address, without brackets also for IPv6
 * @param port 1 to 65535
 */
public record NodeAddress(String host, int port) {
  private static final Pattern TEXT =
      Pattern.compile("(?<host>[^:\\[\\]]+|\\[[0-9a-fA-F:]+\\]):(?<port>\\d{1,5})");

  /** Refuses a port out of range. */
  public NodeAddress {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a port lies in 1..65535, but " + port + " does not");
    }
  }

  /** Reads {@code host:port}, {@code [::1]:port} for IPv6. */
  public static NodeAddress parse(String text) {
    Matcher parts = TEXT.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException("expected host:port, but found \"" + text + "\"");
    }
    String host = parts.group("host").replace("[", "").replace("]", "");
    return new NodeAddress(host, Integer.parseInt(parts.group("port")));
  }

  /** Whether it is on this machine by its very name. */
  public boolean isLoopback() {
    return Endpoint.isLoopback(host);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
