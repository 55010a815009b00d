package io.shardex.protocol.tls;

import org.jspecify.annotations.Nullable;

/** A certificate or a key of TLS that cannot be used; the message says why, the fix what to do. */
public final class TlsRefused extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  TlsRefused(String message, String fix, @Nullable Throwable cause) {
    super(message, cause);
    this.fix = fix;
  }

  TlsRefused(String message, String fix) {
    this(message, fix, null);
  }

  /** What the operator does about it, a clause without a full stop. */
  public String fix() {
    return fix;
  }
}
