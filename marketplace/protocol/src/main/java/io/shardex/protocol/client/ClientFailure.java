package io.shardex.protocol.client;

import org.jspecify.annotations.Nullable;

/** Why a call to the nodes brought no answer of use. */
public abstract sealed class ClientFailure extends RuntimeException
    permits Unreachable, Denied, Refused, Throttled, InvalidCall, BadAnswer, CallInterrupted {
  private static final long serialVersionUID = 1;

  ClientFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
