package io.shardex.training.model;

/** Versions of the agreed rules that blobs and commitments name. */
public final class Versions {
  /** The arithmetic's specification, see {@link io.shardex.training.arithmetic}. */
  public static final int ARITHMETIC = 1;

  /** The outer step's rules, see {@link io.shardex.training.Aggregation}. */
  public static final int AGGREGATION = 1;

  private Versions() {}
}
