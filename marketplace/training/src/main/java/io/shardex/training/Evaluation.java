package io.shardex.training;

import io.shardex.training.arithmetic.Inference;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;

/**
 * How well a model does on samples it was not trained on.
 *
 * @param samples labels asked for: one a sample, or one a token
 * @param correct labels that have the largest logit
 * @param meanLoss mean cross-entropy in nats
 */
public record Evaluation(int samples, int correct, double meanLoss) {

  /** Evaluates on the caller's thread. */
  public static Evaluation of(RoundModel model, Samples samples) {
    try (Lanes lanes = Lanes.of(1)) {
      Inference.Score score = Inference.score(model, samples, lanes);
      int labels = Math.multiplyExact(samples.count(), model.model().labels());
      return new Evaluation(labels, score.correct(), score.lossSum() / labels);
    }
  }

  /** Share of right answers, 0 to 1. */
  public double accuracy() {
    return (double) correct / samples;
  }
}
