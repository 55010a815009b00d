package io.shardex.training.arithmetic;

import java.nio.ByteBuffer;

/** Stochastic gradient descent with momentum; the one slot is the velocity. */
record Momentum(float learningRate, float momentum) implements Optimizer {
  @Override
  public int slots() {
    return 1;
  }

  @Override
  public void begin() {}

  @Override
  public void move(ParameterRows parameters, int row, float[] gradient) {
    Rows.update(parameters.row(row), parameters.slot(0, row), gradient, learningRate, momentum);
  }

  @Override
  public int stateBytes() {
    return 0;
  }

  @Override
  public void writeState(ByteBuffer target) {}

  @Override
  public void readState(ByteBuffer source) {}
}
