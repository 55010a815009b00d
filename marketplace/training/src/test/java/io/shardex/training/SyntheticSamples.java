package io.shardex.training;

import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.arithmetic.CounterRandom.Purpose;
import io.shardex.training.data.Samples;

/** Samples out of the counter generator: noise, with a brighter band of features for each class. */
public final class SyntheticSamples {
  private SyntheticSamples() {}

  public static Samples of(long seed, int count, int width, int classes) {
    byte[] features = new byte[count * width];
    byte[] labels = new byte[count];
    for (int sample = 0; sample < count; sample++) {
      CounterRandom random = new CounterRandom(seed, 0, 0, sample, Purpose.SYNTHETIC_DATA);
      int label = random.below(classes, width);
      labels[sample] = (byte) label;
      for (int i = 0; i < width; i++) {
        int bright = i * classes / width == label ? 128 : 0;
        features[sample * width + i] = (byte) (bright + random.below(128, i));
      }
    }
    return Samples.of(features, labels, width);
  }
}
