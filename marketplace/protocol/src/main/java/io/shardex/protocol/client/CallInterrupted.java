package io.shardex.protocol.client;

/** The calling thread was interrupted; its interrupt flag is set. */
public final class CallInterrupted extends ClientFailure {
  private static final long serialVersionUID = 1;

  CallInterrupted(String what) {
    super(what + " was interrupted", null);
  }
}
