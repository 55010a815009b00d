package io.shardex.protocol.founding;

/** Cards that make no network of a plan: what is wrong, and who mends it how. */
public final class CardRefused extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  CardRefused(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** A clause without a full stop. */
  public String fix() {
    return fix;
  }
}
