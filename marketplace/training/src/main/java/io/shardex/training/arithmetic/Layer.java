package io.shardex.training.arithmetic;

import java.util.List;

/**
 * One stage of a {@link Network} at work, with its memory of one batch. For each batch it is asked
 * for {@link #forward}, then, from the last layer down, for {@link #backward} and {@link #update};
 * the first layer's input has no delta, so it is only asked for the update.
 *
 * <p>A row of its input and output is a sample. Sums follow the specification's order whatever the
 * lanes do: they share outputs, never a sum.
 */
interface Layer {
  /** Rows of output for {@code count} rows of input; only the first layer may make more of them. */
  default int rows(int count) {
    return count;
  }

  /** Result of the last forward pass, [batch][outputs]. */
  float[][] output();

  /** Derivative of the loss by the output, [batch][outputs]; whoever knows it writes it here. */
  float[][] delta();

  /** Computes {@link #output} for the first {@code count} rows of x. */
  void forward(float[][] x, int count, Lanes lanes);

  /**
   * Writes the derivative by the input into {@code below}, of the shape of x, out of {@link #delta}
   * and the parameters from before the step.
   *
   * @param x the input of the last forward pass
   */
  void backward(float[][] x, float[][] below, int count, Lanes lanes);

  /** Moves the parameters by the gradient of the batch. */
  default void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {}

  /** The parameters in canonical order. */
  default List<ParameterRows> parameters() {
    return List.of();
  }
}
