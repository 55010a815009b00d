package io.shardex.training.arithmetic;

/** Softmax and cross-entropy of one sample. */
final class SoftmaxLoss {
  private SoftmaxLoss() {}

  /**
   * Loss of the logits against the label; writes its derivative by the logits times {@code scale}
   * into {@code delta}.
   *
   * @param scale one by the number of samples in the batch
   * @param exponentials working memory, as long as the logits
   */
  static double of(float[] logits, int label, float scale, float[] delta, double[] exponentials) {
    float max = max(logits);
    double sum = exponentials(logits, max, exponentials);
    for (int j = 0; j < delta.length; j++) {
      float probability = (float) (exponentials[j] / sum);
      delta[j] = (probability - (j == label ? 1f : 0f)) * scale;
    }
    return StrictMath.log(sum) - (logits[label] - max);
  }

  private static float max(float[] logits) {
    float max = logits[0];
    for (int j = 1; j < logits.length; j++) {
      max = Math.max(max, logits[j]);
    }
    return max;
  }

  private static double exponentials(float[] logits, float max, double[] exponentials) {
    double sum = 0;
    for (int j = 0; j < logits.length; j++) {
      exponentials[j] = StrictMath.exp(logits[j] - max);
      sum += exponentials[j];
    }
    return sum;
  }
}
