package io.shardex.protocol.client;

/** An address off loopback was given, and TLS is not there yet. */
public final class PlaintextRefused extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  PlaintextRefused(String host) {
    super(
        "plaintext goes to loopback only, and "
            + host
            + " is not; without TLS a node can be reached on its own machine alone");
  }
}
