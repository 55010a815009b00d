package io.shardex.training.spec;

/** What a worker does with its shard in one round. */
public sealed interface LocalSpec {

  /** Samples of a batch; the last batch of an epoch may be smaller. */
  int batchSize();

  /** Passes over the shard in a round. */
  int epochs();

  /** Steps a shard of this many samples takes in a round. */
  default int steps(int samples) {
    return Math.multiplyExact(epochs(), Math.ceilDiv(samples, batchSize()));
  }

  /**
   * Stochastic gradient descent with momentum; the momentum starts at zero in each round.
   *
   * @param learningRate greater than 0, at most 1,000
   * @param momentum at least 0, less than 1
   * @param batchSize 1 to 4,096
   * @param epochs 1 to 1,000
   */
  record Sgd(float learningRate, float momentum, int batchSize, int epochs) implements LocalSpec {
    public Sgd {
      Check.require(
          learningRate > 0 && learningRate <= 1_000,
          "local.learningRate",
          "greater than 0 and at most 1000",
          learningRate);
      Check.require(
          momentum >= 0 && momentum < 1, "local.momentum", "at least 0 and less than 1", momentum);
      Check.range("local.batchSize", batchSize, 1, 4_096);
      Check.range("local.epochs", epochs, 1, 1_000);
    }
  }
}
