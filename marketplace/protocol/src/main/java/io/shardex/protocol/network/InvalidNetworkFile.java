package io.shardex.protocol.network;

/**
 * Bytes that are no network file, plan or node card; the message says where and what was expected.
 */
public final class InvalidNetworkFile extends Exception {
  private static final long serialVersionUID = 1;

  InvalidNetworkFile(String message) {
    super(message);
  }

  InvalidNetworkFile(String message, Throwable cause) {
    super(message, cause);
  }
}
