package io.shardex.protocol.client;

import io.shardex.market.Rejection;

/** The market said no. */
public final class Refused extends ClientFailure {
  private static final long serialVersionUID = 1;

  private final transient Rejection rejection;

  public Refused(Rejection rejection) {
    super(rejection.toString(), null);
    this.rejection = rejection;
  }

  /** Reason, whose fault it is, and the next step. */
  public Rejection rejection() {
    return rejection;
  }
}
