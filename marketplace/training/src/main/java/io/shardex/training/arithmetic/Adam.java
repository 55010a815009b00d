package io.shardex.training.arithmetic;

import io.shardex.training.spec.LocalSpec;
import java.nio.ByteBuffer;

/**
 * Adam (Kingma, Ba: "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1). Slot 0
 * is the first moment, slot 1 the second. The powers of the decay rates are running products, one
 * factor a step.
 */
final class Adam implements Optimizer {
  private final LocalSpec.Adam spec;
  private float firstProduct = 1;
  private float secondProduct = 1;
  private float rate;
  private float correction;

  Adam(LocalSpec.Adam spec) {
    this.spec = spec;
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public void begin() {
    firstProduct = firstProduct * spec.beta1();
    secondProduct = secondProduct * spec.beta2();
    rate = spec.learningRate() / (1 - firstProduct);
    correction = (float) Math.sqrt(1 - secondProduct);
  }

  @Override
  public void move(ParameterRows parameters, int row, float[] gradient) {
    float[] first = parameters.slot(0, row);
    float[] second = parameters.slot(1, row);
    moments(first, second, gradient, spec.beta1(), spec.beta2());
    step(parameters.row(row), first, second, rate, correction, spec.epsilon());
  }

  private static void moments(
      float[] first, float[] second, float[] gradient, float beta1, float beta2) {
    float rest1 = 1 - beta1;
    float rest2 = 1 - beta2;
    for (int j = 0; j < gradient.length; j++) {
      float g = gradient[j];
      first[j] = beta1 * first[j] + rest1 * g;
      second[j] = beta2 * second[j] + rest2 * (g * g);
    }
  }

  private static void step(
      float[] weights, float[] first, float[] second, float rate, float correction, float epsilon) {
    for (int j = 0; j < weights.length; j++) {
      float spread = (float) Math.sqrt(second[j]) / correction + epsilon;
      weights[j] = weights[j] - rate * first[j] / spread;
    }
  }

  @Override
  public int stateBytes() {
    return 2 * Float.BYTES;
  }

  @Override
  public void writeState(ByteBuffer target) {
    target.putFloat(firstProduct).putFloat(secondProduct);
  }

  @Override
  public void readState(ByteBuffer source) {
    firstProduct = source.getFloat();
    secondProduct = source.getFloat();
  }
}
