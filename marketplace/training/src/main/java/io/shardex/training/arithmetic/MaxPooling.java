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
          float top = largest[at];
          int lower = x[place + width] == top ? width : width + 1;
          int right = x[place + 1] == top ? 1 : lower;
          below[place + (x[place] == top ? 0 : right)] = delta[at];
        }
      }
    }
  }
}
