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
abstract class Layer {
  /** Result of the last forward pass, [row][output]. */
  final float[][] output;

  /** Derivative of the loss by the output, [row][output]; whoever knows it writes it here. */
  final float[][] delta;

  /**
   * A layer with memory of its own.
   *
   * @param rows of output that the largest batch has
   * @param width values of a row of output
   */
  Layer(int rows, int width) {
    this(new float[rows][width], new float[rows][width]);
  }

  /** A layer that works in place, on the memory of the one below. */
  Layer(float[][] output, float[][] delta) {
    this.output = output;
    this.delta = delta;
  }

  /** Rows of output for {@code count} rows of input; only the first layer may make more of them. */
  int rows(int count) {
    return count;
  }

  /** Computes {@link #output} for the first {@code count} rows of x. */
  abstract void forward(float[][] x, int count, Lanes lanes);

  /**
   * Writes the derivative by the input into {@code below}, of the shape of x, out of {@link #delta}
   * and the parameters from before the step.
   *
   * @param x the input of the last forward pass
   */
  abstract void backward(float[][] x, float[][] below, int count, Lanes lanes);

  /** Moves the parameters by the gradient of the batch. */
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {}

  /** The parameters in canonical order. */
  List<ParameterRows> parameters() {
    return List.of();
  }
}
