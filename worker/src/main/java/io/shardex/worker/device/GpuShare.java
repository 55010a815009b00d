package io.shardex.worker.device;

/**
 * A GPU, or a part of one, that a slot is to have.
 *
 * @param gpu its id ({@link Gpu#id}), or its number in the order in which the drivers tell of GPUs
 * @param percent of it, 1 to 100
 */
public record GpuShare(String gpu, int percent) {
  /** The share of a slot that has its GPU to itself. */
  public static final int WHOLE = 100;

  public GpuShare {
    if (gpu.isBlank() || gpu.length() > 128) {
      throw new IllegalArgumentException("a GPU is named by 1 to 128 characters: '" + gpu + "'");
    }
    if (percent < 1 || percent > WHOLE) {
      throw new IllegalArgumentException(
          "expected a share of 1 to 100 %, but it is " + percent + " %");
    }
  }

  /** Whether nobody else may have the rest. */
  public boolean whole() {
    return percent == WHOLE;
  }
}
