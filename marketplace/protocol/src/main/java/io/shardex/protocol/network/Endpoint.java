package io.shardex.protocol.network;

import java.util.regex.Pattern;

/**
 * Where to connect to: a host name or address, and a port.
 *
 * @param host without brackets, also for IPv6; neither empty nor with spaces
 * @param port 1 to 65,535
 */
public record Endpoint(String host, int port) {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|::1");

  public Endpoint {
    if (host.isEmpty() || host.length() > 255 || !host.chars().allMatch(Endpoint::allowed)) {
      throw new IllegalArgumentException("expected a host name or address, but it is " + host);
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("expected a port of 1 to 65535, but it is " + port);
    }
  }

  /** Reads {@code host:port} or {@code [ipv6]:port}. */
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("expected host:port, but it is '" + text + "'");
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.contains(":") != bracketed) {
      throw new IllegalArgumentException(
          "expected host:port, with an IPv6 address in brackets, but it is '" + text + "'");
    }
    return new Endpoint(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }

  /** Whether it is {@code localhost}, {@code 127.x.y.z} or {@code ::1}. */
  public boolean isLoopback() {
    return isLoopback(host);
  }

  /** The same of a host alone; no name but {@code localhost} is, whatever it resolves to. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }

  private static boolean allowed(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '-'
        || c == '_'
        || c == ':'
        || c == '%';
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
