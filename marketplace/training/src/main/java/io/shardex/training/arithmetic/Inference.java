package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import java.util.stream.IntStream;

/** What a model says about samples it does not learn from. */
public final class Inference {
  private static final int BATCH = 64;

  private Inference() {}

  /**
   * Counts right answers and sums the loss in order of the samples.
   *
   * @param correct labels that have the largest logit; among equals the lowest class counts
   */
  public record Score(int correct, double lossSum) {}

  public static Score score(RoundModel model, Samples samples, Lanes lanes) {
    samples.requireFits(model.model());
    Network network = new Network(model.model(), model.parameters(), BATCH, 0, lanes);
    int[] order = IntStream.range(0, samples.count()).toArray();
    int labels = model.model().labels();
    int correct = 0;
    double lossSum = 0;
    for (int at = 0; at < order.length; at += BATCH) {
      int count = Math.min(BATCH, order.length - at);
      float[][] logits = network.forward(samples, order, at, count);
      for (int i = 0; i < count * labels; i++) {
        if (largest(logits[i]) == samples.label(at + i / labels, i % labels)) {
          correct++;
        }
      }
      lossSum = network.addLoss(lossSum, samples, order, at, count);
    }
    return new Score(correct, lossSum);
  }

  private static int largest(float[] logits) {
    int largest = 0;
    for (int j = 1; j < logits.length; j++) {
      if (logits[j] > logits[largest]) {
        largest = j;
      }
    }
    return largest;
  }
}
