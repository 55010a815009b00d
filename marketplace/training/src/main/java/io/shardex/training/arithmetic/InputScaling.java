package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec;

/**
 * What a byte becomes on its way into a model: a pixel (x / 255 - mean) / deviation, with MNIST's
 * mean and deviation; a token itself.
 */
public final class InputScaling {
  private static final float MEAN = 0.1307f;
  private static final float DEVIATION = 0.3081f;

  private InputScaling() {}

  /** One entry for each of the 256 bytes. */
  static float[] table(ModelSpec model) {
    float[] table = new float[256];
    for (int x = 0; x < table.length; x++) {
      table[x] =
          switch (model) {
            case ModelSpec.Mlp mlp -> pixel(x);
            case ModelSpec.Cnn cnn -> pixel(x);
            case ModelSpec.TorchScript module -> pixel(x);
            case ModelSpec.Transformer transformer -> x;
          };
    }
    return table;
  }

  /** What each of the 256 bytes of a pixel becomes. */
  public static float[] pixels() {
    float[] table = new float[256];
    for (int x = 0; x < table.length; x++) {
      table[x] = pixel(x);
    }
    return table;
  }

  private static float pixel(int x) {
    return (x / 255f - MEAN) / DEVIATION;
  }
}
