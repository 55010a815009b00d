package io.shardex.training.model;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A model's parameters in canonical order: layers ascending, in each the weights row-major (dense:
 * [inputs][outputs]; convolution: [channels out][channels in][kernel][kernel]), then the biases.
 * Equality is equality of the raw bits.
 */
public final class Parameters {
  private final float[] values;

  private Parameters(float[] values) {
    this.values = values;
  }

  /** A copy of these values as parameters. */
  public static Parameters of(float[] values) {
    return new Parameters(values.clone());
  }

  /** Reads {@code count} little-endian floats at the buffer's position. */
  static Parameters read(ByteBuffer bytes, int count) {
    float[] values = new float[count];
    bytes.asFloatBuffer().get(values);
    bytes.position(bytes.position() + count * Float.BYTES);
    return new Parameters(values);
  }

  /** Writes the raw float bits at the buffer's position, in the buffer's byte order. */
  void write(ByteBuffer bytes) {
    bytes.asFloatBuffer().put(values);
    bytes.position(bytes.position() + values.length * Float.BYTES);
  }

  public int count() {
    return values.length;
  }

  /** The parameter at a canonical index. */
  public float get(int index) {
    return values[index];
  }

  /** Copies {@code target.length} parameters from a canonical index on. */
  public void copyTo(int index, float[] target) {
    System.arraycopy(values, index, target, 0, target.length);
  }

  /** Whether no parameter is NaN or infinite. */
  public boolean finite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Parameters that && bitsEqual(values, that.values);
  }

  private static boolean bitsEqual(float[] a, float[] b) {
    if (a.length != b.length) {
      return false;
    }
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return values.length + " parameters";
  }
}
