package io.shardex.protocol.client;

import org.jspecify.annotations.Nullable;

/** A node found the call malformed or beyond a bound; no other node would say otherwise. */
public final class InvalidCall extends ClientFailure {
  private static final long serialVersionUID = 1;

  InvalidCall(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
