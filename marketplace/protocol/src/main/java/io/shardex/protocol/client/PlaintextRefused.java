package io.shardex.protocol.client;

/** An address off loopback was given, and no CA to speak TLS with. */
public final class PlaintextRefused extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public PlaintextRefused(String host) {
    super(
        "plaintext goes to loopback only, and "
            + host
            + " is not; the network file has no 'ca' to speak TLS with");
  }
}
