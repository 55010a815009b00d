package io.shardex.training.arithmetic;

import java.util.List;

/** Layers with a way past them: {@code output = x + inner(x)}, x as wide as their output. */
final class Residual extends Layer {
  private final List<Layer> inner;

  Residual(List<Layer> inner, int width, int rows) {
    super(rows, width);
    this.inner = List.copyOf(inner);
  }

  @Override
  List<ParameterRows> parameters() {
    return inner.stream().flatMap(layer -> layer.parameters().stream()).toList();
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    float[][] at = x;
    for (Layer layer : inner) {
      layer.forward(at, count, lanes);
      at = layer.output;
    }
    for (int i = 0; i < count; i++) {
      System.arraycopy(x[i], 0, output[i], 0, output[i].length);
      Rows.add(output[i], at[i]);
    }
  }

  /** {@code below = delta of inner's input + delta}. */
  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(delta[i], 0, inner.getLast().delta[i], 0, delta[i].length);
    }
    for (int l = inner.size() - 1; l >= 0; l--) {
      float[][] to = l == 0 ? below : inner.get(l - 1).delta;
      inner.get(l).backward(input(x, l), to, count, lanes);
    }
    for (int i = 0; i < count; i++) {
      Rows.add(below[i], delta[i]);
    }
  }

  private float[][] input(float[][] x, int layer) {
    return layer == 0 ? x : inner.get(layer - 1).output;
  }

  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    for (int l = inner.size() - 1; l >= 0; l--) {
      inner.get(l).update(input(x, l), count, optimizer, lanes);
    }
  }
}
