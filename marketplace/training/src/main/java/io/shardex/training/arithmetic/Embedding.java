package io.shardex.training.arithmetic;

import java.util.List;

/**
 * The first layer of a language model: {@code output = tokens[token] + positions[place]}. A row of
 * its input is a window of tokens, one number each; a row of its output is one token.
 */
final class Embedding extends Layer {
  private final int window;
  private final int width;
  private final ParameterRows tokens;
  private final ParameterRows positions;

  Embedding(int vocabulary, int window, int width, int batch, int slots) {
    super(batch * window, width);
    this.window = window;
    this.width = width;
    tokens = new ParameterRows(vocabulary, width, slots);
    positions = new ParameterRows(window, width, slots);
  }

  @Override
  int rows(int count) {
    return count * window;
  }

  @Override
  List<ParameterRows> parameters() {
    return List.of(tokens, positions);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        rows(count),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int place = i % window;
            add(tokens.row(token(x, i)), positions.row(place), output[i]);
          }
        });
  }

  private static void add(float[] token, float[] position, float[] sum) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] = token[j] + position[j];
    }
  }

  private int token(float[][] x, int row) {
    return (int) x[row / window][row % window];
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    throw new IllegalStateException("tokens have no delta");
  }

  /** Each gradient sums the rows of its token, or of its place, in ascending order of the rows. */
  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    float[][] tokenGradient = new float[tokens.values().length][width];
    float[][] positionGradient = new float[window][width];
    for (int i = 0; i < rows(count); i++) {
      Rows.add(tokenGradient[token(x, i)], delta[i]);
      Rows.add(positionGradient[i % window], delta[i]);
    }
    move(tokens, tokenGradient, optimizer);
    move(positions, positionGradient, optimizer);
  }

  private static void move(ParameterRows rows, float[][] gradient, Optimizer optimizer) {
    for (int r = 0; r < gradient.length; r++) {
      optimizer.move(rows, r, gradient[r]);
    }
  }
}
