package io.shardex.market.codec;

/**
 * Bytes that are not the canonical encoding of anything; the message says what was expected where.
 */
public final class MalformedBytes extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MalformedBytes(String message) {
    super(message);
  }
}
