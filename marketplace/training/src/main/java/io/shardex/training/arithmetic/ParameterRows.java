package io.shardex.training.arithmetic;

import io.shardex.training.model.Parameters;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Some of a layer's parameters, a matrix of one array a row, and beside each parameter the {@link
 * Optimizer}'s slots, which start at +0.
 */
final class ParameterRows {
  private final float[][] values;
  private final float[][][] slots;

  /**
   * Zeros.
   *
   * @param slots slots of a parameter, 0 where nothing is trained
   */
  ParameterRows(int rows, int columns, int slots) {
    this.values = new float[rows][columns];
    this.slots = new float[slots][rows][columns];
  }

  /** The parameters themselves, [rows][columns]. */
  float[][] values() {
    return values;
  }

  float[] row(int row) {
    return values[row];
  }

  /** A slot of each parameter of a row. */
  float[] slot(int slot, int row) {
    return slots[slot][row];
  }

  /** Takes the parameters from a canonical index on and returns the index behind them. */
  int load(Parameters parameters, int index) {
    for (float[] row : values) {
      parameters.copyTo(index, row);
      index += row.length;
    }
    return index;
  }

  /** Writes the parameters, row by row. */
  void writeTo(FloatBuffer target) {
    write(values, target);
  }

  /** Writes one slot of each parameter, row by row. */
  void writeSlotTo(int slot, FloatBuffer target) {
    write(slots[slot], target);
  }

  private static void write(float[][] rows, FloatBuffer target) {
    for (float[] row : rows) {
      target.put(row);
    }
  }

  /** Whether no parameter and no slot is NaN or infinite. */
  boolean finite() {
    return finite(values) && Arrays.stream(slots).allMatch(ParameterRows::finite);
  }

  private static boolean finite(float[][] rows) {
    return Arrays.stream(rows).allMatch(Rows::finite);
  }
}
