package io.shardex.training.spec;

/** How the shards' results become the next round's model. */
public enum OuterSpec {
  /** The mean of the shards' final parameters, weighted by their samples (FedAvg). */
  AVERAGE
}
