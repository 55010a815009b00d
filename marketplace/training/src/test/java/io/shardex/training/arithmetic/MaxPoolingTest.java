package io.shardex.training.arithmetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.training.spec.ModelSpec.Image;
import org.junit.jupiter.api.Test;

class MaxPoolingTest {
  private static MaxPooling pooled(Image image, float... x) {
    MaxPooling pooling = new MaxPooling(image, 1);
    try (Lanes lanes = Lanes.of(1)) {
      pooling.forward(new float[][] {x}, 1, lanes);
    }
    return pooling;
  }

  private static float[] delta(Image image, float... x) {
    MaxPooling pooling = pooled(image, x);
    pooling.delta[0][0] = 3;
    float[][] below = new float[1][x.length];
    try (Lanes lanes = Lanes.of(1)) {
      pooling.backward(new float[][] {x}, below, 1, lanes);
    }
    return below[0];
  }

  @Test
  void amongEqualsTheFirstPlaceRowByRowGetsTheDelta() {
    Image square = new Image(2, 2, 1);
    assertArrayEquals(new float[] {3, 0, 0, 0}, delta(square, 5, 5, 5, 5));
    assertArrayEquals(new float[] {0, 3, 0, 0}, delta(square, 4, 5, 5, 5));
    assertArrayEquals(new float[] {0, 0, 3, 0}, delta(square, 4, 4, 5, 5));
    assertArrayEquals(new float[] {0, 0, 0, 3}, delta(square, 4, 4, 4, 5));
    float infinity = Float.POSITIVE_INFINITY;
    assertArrayEquals(new float[] {0, 3, 0, 0}, delta(square, 5, infinity, infinity, 5));
  }

  @Test
  void zerosAreEqualWhateverTheirSign() {
    Image square = new Image(2, 2, 1);
    assertArrayEquals(new float[] {3, 0, 0, 0}, delta(square, -0f, 0, 0, -0f));
    assertArrayEquals(new float[] {0, 3, 0, 0}, delta(square, -1, -0f, 0, -1));
  }

  @Test
  void aLastOddRowOrColumnIsDropped() {
    Image odd = new Image(3, 3, 1);
    float[] x = {1, 2, 9, 3, 4, 9, 9, 9, 9};
    assertArrayEquals(new float[] {4}, pooled(odd, x).output[0]);
    assertArrayEquals(new float[] {0, 0, 0, 0, 3, 0, 0, 0, 0}, delta(odd, x));
  }

  @Test
  void nanIsTheLargest() {
    for (int place = 0; place < 4; place++) {
      float[] x = {1, 2, 3, 4};
      x[place] = Float.NaN;
      assertEquals(Float.NaN, pooled(new Image(2, 2, 1), x).output[0][0]);
    }
  }
}
