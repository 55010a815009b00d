package io.shardex.training.arithmetic;

/** The 256 scaled pixels: (x / 255 - mean) / deviation, with MNIST's mean and deviation. */
final class InputScaling {
  private static final float MEAN = 0.1307f;
  private static final float DEVIATION = 0.3081f;

  private InputScaling() {}

  static float[] table() {
    float[] table = new float[256];
    for (int x = 0; x < table.length; x++) {
      table[x] = (x / 255f - MEAN) / DEVIATION;
    }
    return table;
  }
}
