package io.shardex.protocol.client;

import org.jspecify.annotations.Nullable;

/** A node's answer cannot be read, or its bytes are not those that were asked for. */
public final class BadAnswer extends ClientFailure {
  private static final long serialVersionUID = 1;

  BadAnswer(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
