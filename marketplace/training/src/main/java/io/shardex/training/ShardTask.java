package io.shardex.training;

import io.shardex.training.commitment.Digest;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.TrainingSpec;

/**
 * One shard of one round. Everything in it is public: a worker, its auditor and a validator start
 * from equal tasks.
 *
 * @param specDigest digest of the job file's exact bytes
 * @param dataDigest digest that names the shard's data in the job's terms
 * @param base the round's model; it says the round, and its model is the spec's
 * @param baseDigest digest that names the base model where the task was put together
 */
public record ShardTask(
    TrainingSpec spec,
    Digest specDigest,
    Digest dataDigest,
    RoundModel base,
    Digest baseDigest,
    int shard) {
  /** A task whose base model is named by the SHA-256 of its bytes. */
  public ShardTask(
      TrainingSpec spec, Digest specDigest, Digest dataDigest, RoundModel base, int shard) {
    this(spec, specDigest, dataDigest, base, base.digest(), shard);
  }

  public ShardTask {
    spec.range(shard);
    if (!base.model().equals(spec.model())) {
      throw new IllegalArgumentException(
          "expected a base model of %s, but it is of %s".formatted(spec.model(), base.model()));
    }
    if (base.round() >= spec.rounds()) {
      throw new IllegalArgumentException(
          "expected a round below %d, but it is %d".formatted(spec.rounds(), base.round()));
    }
  }
}
