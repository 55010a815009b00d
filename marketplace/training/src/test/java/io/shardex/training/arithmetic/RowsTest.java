package io.shardex.training.arithmetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels against one sum per output, and the corners of IEEE 754. */
class RowsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyProductAddsItsTermsInOrder(int seed) {
    Random random = new Random(seed);
    int rows = random.nextInt(1, 20);
    int depth = random.nextInt(1, 60);
    int columns = random.nextInt(1, 90);
    float[][] a = matrix(random, rows, depth);
    float[][] b = matrix(random, depth, columns);
    float[][] start = matrix(random, rows, columns);

    float[][] expected = copy(start);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < depth; k++) {
          float product = a[i][k] * b[k][j];
          expected[i][j] = expected[i][j] + product;
        }
      }
    }

    float[][] product = copy(start);
    int middle = rows / 2;
    Products.add(product, 0, middle, a, b, depth);
    Products.add(product, middle, rows, a, b, depth);
    assertEqualBits(expected, product);

    float[][] dots = copy(start);
    float[][] transposed = new float[columns][depth];
    Rows.transpose(b, transposed);
    Dots.add(dots, 0, middle, a, transposed);
    Dots.add(dots, middle, rows, a, transposed);
    assertEqualBits(expected, dots);
  }

  @Test
  void zeroTimesNanOrInfinityIsNotSkipped() {
    for (float strange : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (int depth = 1; depth <= 17; depth++) {
        float[] factors = new float[depth];
        float[][] rows = new float[depth][40];
        rows[depth - 1][3] = strange;
        float[] sum = new float[40];
        addWeighted(sum, factors, rows, depth);
        assertEquals(Float.NaN, sum[3]);
        assertEquals(0f, sum[4]);
        float[] dots = new float[5];
        float[][] columns = new float[5][depth];
        columns[1][depth - 1] = strange;
        columns[4][depth - 1] = strange;
        Dots.add(new float[][] {dots}, 0, 1, new float[][] {factors}, columns);
        assertEquals(Float.NaN, dots[1]);
        assertEquals(Float.NaN, dots[4]);
        assertEquals(0f, dots[0]);
      }
    }
  }

  @Test
  void theSignOfZeroFollowsTheProducts() {
    int minusZero = Float.floatToRawIntBits(-0f);
    for (int depth : new int[] {1, 8, 9}) {
      float[] sum = filled(40, -0f);
      float[] factors = filled(depth, -1f);
      addWeighted(sum, factors, new float[depth][40], depth);
      assertEquals(minusZero, Float.floatToRawIntBits(sum[7]));
      addWeighted(sum, filled(depth, 1f), new float[depth][40], depth);
      assertEquals(0, Float.floatToRawIntBits(sum[7]));
    }
  }

  @Test
  void productAndSumAreRoundedEachByItself() {
    float factor = 1 + 0x1p-12f;
    float[] sum = filled(40, -(1 + 0x1p-11f));
    addWeighted(sum, new float[] {factor}, new float[][] {filled(40, factor)}, 1);
    assertArrayEquals(new float[40], sum);
  }

  @Test
  void denormalsAreKept() {
    float[] sum = new float[40];
    addWeighted(sum, new float[] {0.5f}, new float[][] {filled(40, 2 * Float.MIN_VALUE)}, 1);
    assertArrayEquals(filled(40, Float.MIN_VALUE), sum);
  }

  @Test
  void rectifyingKeepsNanAndDropsTheSignOfZero() {
    float[] row = {-1, -0f, 0, 2, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
    Rows.rectify(row);
    assertEqualBits(new float[] {0, 0, 0, 2, Float.NaN, 0, Float.POSITIVE_INFINITY}, row);
  }

  @Test
  void onlyPositiveActivationsPassTheDelta() {
    float[] delta = {1, -2, 3, 4, -0f};
    Rows.keepActive(delta, new float[] {1, Float.MIN_VALUE, 0, Float.NaN, 5});
    assertEqualBits(new float[] {1, -2, 0, 0, -0f}, delta);
  }

  private static void addWeighted(float[] sum, float[] factors, float[][] rows, int depth) {
    Products.add(new float[][] {sum}, 0, 1, new float[][] {factors}, rows, depth);
  }

  private static float[] filled(int length, float value) {
    float[] row = new float[length];
    Arrays.fill(row, value);
    return row;
  }

  private static float[][] matrix(Random random, int rows, int columns) {
    float[][] matrix = new float[rows][columns];
    for (float[] row : matrix) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return matrix;
  }

  private static float[][] copy(float[][] matrix) {
    return Arrays.stream(matrix).map(float[]::clone).toArray(float[][]::new);
  }

  private static void assertEqualBits(float[][] expected, float[][] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEqualBits(expected[i], actual[i]);
    }
  }

  private static void assertEqualBits(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int j = 0; j < expected.length; j++) {
      assertEquals(Float.floatToIntBits(expected[j]), Float.floatToIntBits(actual[j]));
    }
  }
}
