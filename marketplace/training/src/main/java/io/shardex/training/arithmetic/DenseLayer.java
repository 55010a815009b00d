package io.shardex.training.arithmetic;

import java.util.Arrays;
import java.util.List;

/**
 * A fully connected layer: {@code output = x * weights + bias}, weights [inputs][outputs] in
 * canonical order.
 *
 * <p>Kernels are fast along long rows, so the weights and what moves them are held with the longer
 * side as rows: as [outputs][inputs] where there are more inputs than outputs. The other form is
 * made anew for the pass that needs it.
 */
final class DenseLayer extends Layer {
  /** Below this many outputs a row of them is too short to vectorise along. */
  private static final int NARROW = 32;

  /** Rows of the gradient that are made and used at a time, so that they stay in the cache. */
  private static final int ROWS_AT_A_TIME = 24;

  private final int inputs;
  private final int outputs;
  private final boolean byOutput;
  private final ParameterRows weights;
  private final ParameterRows bias;
  private final float[][] otherForm;

  DenseLayer(int inputs, int outputs, int batch, int slots) {
    super(batch, outputs);
    this.inputs = inputs;
    this.outputs = outputs;
    byOutput = inputs > outputs;
    weights =
        byOutput
            ? ParameterRows.transposed(inputs, outputs, slots)
            : new ParameterRows(inputs, outputs, slots);
    bias = new ParameterRows(1, outputs, slots);
    otherForm = byOutput ? new float[inputs][outputs] : new float[outputs][inputs];
  }

  @Override
  List<ParameterRows> parameters() {
    return List.of(weights, bias);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    if (byOutput && outputs < NARROW) {
      lanes.split(
          count,
          (from, to) -> {
            startAtBias(from, to);
            Dots.add(output, from, to, x, weights.values());
          });
    } else {
      float[][] byInput = byOutput ? otherForm(lanes) : weights.values();
      lanes.split(
          count,
          (from, to) -> {
            startAtBias(from, to);
            Products.add(output, from, to, x, byInput, inputs);
          });
    }
  }

  private void startAtBias(int from, int to) {
    for (int i = from; i < to; i++) {
      System.arraycopy(bias.row(0), 0, output[i], 0, outputs);
    }
  }

  /** The weights as they are now, with the shorter side as rows. */
  private float[][] otherForm(Lanes lanes) {
    float[][] values = weights.values();
    lanes.split(
        otherForm.length,
        (from, to) ->
            Rows.columns(values, values.length, from, Arrays.copyOfRange(otherForm, from, to)));
    return otherForm;
  }

  /** {@code below = delta * weights transposed}. */
  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    float[][] rows = byOutput ? weights.values() : otherForm(lanes);
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Arrays.fill(below[i], 0f);
          }
          Products.add(below, from, to, delta, rows, outputs);
        });
  }

  /**
   * Takes one step against the gradient {@code x transposed * delta}, in the form of the weights.
   */
  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    float[][] shorter = byOutput ? delta : x;
    float[][] longer = byOutput ? x : delta;
    lanes.split(
        weights.values().length,
        (from, to) -> {
          for (int row = from; row < to; row += ROWS_AT_A_TIME) {
            int end = Math.min(row + ROWS_AT_A_TIME, to);
            updateRows(shorter, longer, count, row, end, optimizer);
          }
        });
    float[] gradient = new float[outputs];
    Rows.addAll(gradient, delta, count);
    optimizer.move(bias, 0, gradient);
  }

  private void updateRows(
      float[][] shorter, float[][] longer, int count, int from, int to, Optimizer optimizer) {
    float[][] factors = new float[to - from][count];
    float[][] gradient = new float[to - from][Math.max(inputs, outputs)];
    Rows.columns(shorter, count, from, factors);
    Products.add(gradient, 0, to - from, factors, longer, count);
    for (int row = from; row < to; row++) {
      optimizer.move(weights, row, gradient[row - from]);
    }
  }
}
