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
      checkCommon(learningRate, batchSize, epochs);
      checkDecay("momentum", momentum);
    }
  }

  /**
   * Adam; its moments start at zero in each round.
   *
   * @param learningRate greater than 0, at most 1,000
   * @param beta1 decay of the first moment, at least 0, less than 1
   * @param beta2 decay of the second moment, at least 0, less than 1
   * @param epsilon added to the root of the second moment, at least 10^-30, at most 1
   * @param batchSize 1 to 4,096
   * @param epochs 1 to 1,000
   */
  record Adam(
      float learningRate, float beta1, float beta2, float epsilon, int batchSize, int epochs)
      implements LocalSpec {
    public Adam {
      checkCommon(learningRate, batchSize, epochs);
      checkDecay("beta1", beta1);
      checkDecay("beta2", beta2);
      Check.require(
          epsilon >= 1e-30f && epsilon <= 1,
          "local.epsilon",
          "at least 1.0E-30 and at most 1",
          epsilon);
    }
  }

  private static void checkCommon(float learningRate, int batchSize, int epochs) {
    Check.require(
        learningRate > 0 && learningRate <= 1_000,
        "local.learningRate",
        "greater than 0 and at most 1000",
        learningRate);
    Check.range("local.batchSize", batchSize, 1, 4_096);
    Check.range("local.epochs", epochs, 1, 1_000);
  }

  private static void checkDecay(String name, float decay) {
    Check.require(decay >= 0 && decay < 1, "local." + name, "at least 0 and less than 1", decay);
  }
}
