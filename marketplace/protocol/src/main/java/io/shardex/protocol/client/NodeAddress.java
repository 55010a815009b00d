package io.shardex.protocol.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a scheduler node's gateway listens. Only loopback is spoken to without TLS, and there is no
 * TLS yet: any other host is refused by name, before anything is resolved or dialled.
 *
 * @param host {@code localhost}, {@code 127.x.y.z} or {@code ::1}
 * @param port 1 to 65535
 */
public record NodeAddress(String host, int port) {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|::1");
  private static final Pattern TEXT =
      Pattern.compile("(?<host>[^:\\[\\]]+|\\[[0-9a-fA-F:]+\\]):(?<port>\\d{1,5})");

  /** Refuses a port out of range, and with {@link PlaintextRefused} a host that is not loopback. */
  public NodeAddress {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a port lies in 1..65535, but " + port + " does not");
    }
    if (!LOOPBACK.matcher(host).matches()) {
      throw new PlaintextRefused(host);
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

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
