package io.shardex.worker.lease;

import org.jspecify.annotations.Nullable;

/** A lease cannot be fulfilled; the message says what about it is wrong. */
final class LeaseFailure extends Exception {
  private static final long serialVersionUID = 1;

  LeaseFailure(String message) {
    super(message);
  }

  LeaseFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
