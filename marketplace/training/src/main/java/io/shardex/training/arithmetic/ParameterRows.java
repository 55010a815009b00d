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

  /** The matrix in canonical order where that is not the order of the rows, else empty. */
  private final float[][] canonical;

  private ParameterRows(float[][] values, int slots, float[][] canonical) {
    this.values = values;
    this.slots = new float[slots][values.length][values[0].length];
    this.canonical = canonical;
  }

  /**
   * Zeros, their canonical order that of the rows.
   *
   * @param slots slots of a parameter, 0 where nothing is trained
   */
  ParameterRows(int rows, int columns, int slots) {
    this(new float[rows][columns], slots, new float[0][]);
  }

  /** Zeros held as [columns][rows], while their canonical order is row-major [rows][columns]. */
  static ParameterRows transposed(int rows, int columns, int slots) {
    return new ParameterRows(new float[columns][rows], slots, new float[rows][columns]);
  }

  /** The parameters themselves, as they are held. */
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
    for (float[] row : transposed() ? canonical : values) {
      parameters.copyTo(index, row);
      index += row.length;
    }
    if (transposed()) {
      Rows.transpose(canonical, values);
    }
    return index;
  }

  /** Writes the parameters in canonical order. */
  void writeTo(FloatBuffer target) {
    write(values, target);
  }

  /** Writes one slot of each parameter in canonical order. */
  void writeSlotTo(int slot, FloatBuffer target) {
    write(slots[slot], target);
  }

  /** Takes the parameters that {@link #writeTo} wrote. */
  void readFrom(FloatBuffer source) {
    read(values, source);
  }

  /** Takes the slot that {@link #writeSlotTo} wrote. */
  void readSlotFrom(int slot, FloatBuffer source) {
    read(slots[slot], source);
  }

  private void read(float[][] held, FloatBuffer source) {
    for (float[] row : transposed() ? canonical : held) {
      source.get(row);
    }
    if (transposed()) {
      Rows.transpose(canonical, held);
    }
  }

  private void write(float[][] held, FloatBuffer target) {
    if (transposed()) {
      Rows.transpose(held, canonical);
    }
    for (float[] row : transposed() ? canonical : held) {
      target.put(row);
    }
  }

  private boolean transposed() {
    return canonical.length > 0;
  }

  /** Whether no parameter and no slot is NaN or infinite. */
  boolean finite() {
    return finite(values) && Arrays.stream(slots).allMatch(ParameterRows::finite);
  }

  private static boolean finite(float[][] rows) {
    return Arrays.stream(rows).allMatch(Rows::finite);
  }
}
