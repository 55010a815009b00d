package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec.Image;
import java.util.Arrays;

/**
 * The largest of each square of 2 x 2 places, channel by channel; a last odd row or column is
 * dropped. The delta goes to the first place, row by row, that holds the largest value.
 */
final class MaxPooling extends Layer {
  private final Image input;
  private final Image pooled;

  MaxPooling(Image input, int batch) {
    super(batch, input.pooled().values());
    this.input = input;
    pooled = input.pooled();
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            forward(x[i], output[i]);
          }
        });
  }

  private void forward(float[] x, float[] to) {
    int width = input.columns();
    int at = 0;
    for (int c = 0; c < pooled.channels(); c++) {
      for (int y = 0; y < pooled.rows(); y++) {
        int place = (c * input.rows() + 2 * y) * width;
        for (int column = 0; column < pooled.columns(); column++, place += 2) {
          float upper = Math.max(x[place], x[place + 1]);
          float lower = Math.max(x[place + width], x[place + width + 1]);
          to[at++] = Math.max(upper, lower);
        }
      }
    }
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            backward(x[i], output[i], delta[i], below[i]);
          }
        });
  }

  private void backward(float[] x, float[] largest, float[] delta, float[] below) {
    Arrays.fill(below, 0f);
    int width = input.columns();
    int at = 0;
    for (int c = 0; c < pooled.channels(); c++) {
      for (int y = 0; y < pooled.rows(); y++) {
        int place = (c * input.rows() + 2 * y) * width;
        for (int column = 0; column < pooled.columns(); column++, place += 2, at++) {
          int notFirst = differ(x[place], largest[at]);
          int notRight = notFirst & differ(x[place + 1], largest[at]);
          int notLower = notRight & differ(x[place + width], largest[at]);
          below[place + notFirst + notRight * (width - 1) + notLower] = delta[at];
        }
      }
    }
  }

  /**
   * 1 where the values differ, else 0, without a branch, which would be foretold wrong most of the
   * time. Adding +0 makes both zeros one; a NaN ends the training before any delta.
   */
  private static int differ(float a, float b) {
    int bits = Float.floatToRawIntBits(a + 0f) ^ Float.floatToRawIntBits(b + 0f);
    return (bits | -bits) >>> 31;
  }
}
