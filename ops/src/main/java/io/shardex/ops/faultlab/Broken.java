package io.shardex.ops.faultlab;

/** A promise that was not kept. */
public final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Broken(String what) {
    super(what);
  }
}
