package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import java.util.List;

/** The specification read word for word: flat arrays, one loop nest an operator, slow. */
final class ReferenceTraining {
  private final List<Integer> widths;
  private final float[][] weights;
  private final float[][] biases;
  private final float[][] weightVelocity;
  private final float[][] biasVelocity;
  double lossSum;

  ReferenceTraining(RoundModel base, List<Integer> widths) {
    this.widths = widths;
    int layers = widths.size() - 1;
    weights = new float[layers][];
    biases = new float[layers][];
    weightVelocity = new float[layers][];
    biasVelocity = new float[layers][];
    int index = 0;
    for (int l = 0; l < layers; l++) {
      weights[l] = new float[widths.get(l) * widths.get(l + 1)];
      biases[l] = new float[widths.get(l + 1)];
      weightVelocity[l] = new float[weights[l].length];
      biasVelocity[l] = new float[biases[l].length];
      base.parameters().copyTo(index, weights[l]);
      index += weights[l].length;
      base.parameters().copyTo(index, biases[l]);
      index += biases[l].length;
    }
  }

  void epoch(Samples samples, int[] order, LocalSpec.Sgd sgd) {
    for (int at = 0; at < order.length; at += sgd.batchSize()) {
      step(samples, order, at, Math.min(sgd.batchSize(), order.length - at), sgd);
    }
  }

  private void step(Samples samples, int[] order, int at, int count, LocalSpec.Sgd sgd) {
    int layers = weights.length;
    float[][][] x = new float[layers + 1][count][];
    for (int i = 0; i < count; i++) {
      x[0][i] = new float[widths.get(0)];
      for (int k = 0; k < x[0][i].length; k++) {
        x[0][i][k] = (samples.feature(order[at + i], k) / 255f - 0.1307f) / 0.3081f;
      }
      for (int l = 0; l < layers; l++) {
        x[l + 1][i] = forward(l, x[l][i]);
      }
    }
    float[][] delta = new float[count][];
    for (int i = 0; i < count; i++) {
      delta[i] = loss(x[layers][i], samples.label(order[at + i]), 1f / count);
    }
    for (int l = layers - 1; l >= 0; l--) {
      float[][] below = l == 0 ? new float[0][] : inputDelta(l, x[l], delta);
      update(l, x[l], delta, sgd);
      delta = below;
    }
  }

  private float[] forward(int l, float[] x) {
    int outputs = widths.get(l + 1);
    float[] z = new float[outputs];
    for (int j = 0; j < outputs; j++) {
      float sum = biases[l][j];
      for (int k = 0; k < x.length; k++) {
        float product = x[k] * weights[l][k * outputs + j];
        sum = sum + product;
      }
      z[j] = l == weights.length - 1 ? sum : Math.max(sum, 0f);
    }
    return z;
  }

  private float[] loss(float[] z, int label, float scale) {
    float max = z[0];
    for (float value : z) {
      max = Math.max(max, value);
    }
    double sum = 0;
    for (float value : z) {
      sum += StrictMath.exp(value - max);
    }
    float[] delta = new float[z.length];
    for (int j = 0; j < z.length; j++) {
      float probability = (float) (StrictMath.exp(z[j] - max) / sum);
      delta[j] = (probability - (j == label ? 1 : 0)) * scale;
    }
    lossSum += StrictMath.log(sum) - (z[label] - max);
    return delta;
  }

  private float[][] inputDelta(int l, float[][] x, float[][] delta) {
    int outputs = widths.get(l + 1);
    float[][] below = new float[x.length][widths.get(l)];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < below[i].length; k++) {
        float sum = 0;
        for (int j = 0; j < outputs; j++) {
          float product = delta[i][j] * weights[l][k * outputs + j];
          sum = sum + product;
        }
        below[i][k] = x[i][k] > 0 ? sum : 0;
      }
    }
    return below;
  }

  private void update(int l, float[][] x, float[][] delta, LocalSpec.Sgd sgd) {
    int outputs = widths.get(l + 1);
    for (int p = 0; p < weights[l].length; p++) {
      float gradient = 0;
      for (int i = 0; i < x.length; i++) {
        float product = x[i][p / outputs] * delta[i][p % outputs];
        gradient = gradient + product;
      }
      move(weights[l], weightVelocity[l], p, gradient, sgd);
    }
    for (int j = 0; j < outputs; j++) {
      float gradient = 0;
      for (float[] row : delta) {
        gradient = gradient + row[j];
      }
      move(biases[l], biasVelocity[l], j, gradient, sgd);
    }
  }

  private static void move(float[] w, float[] v, int p, float gradient, LocalSpec.Sgd sgd) {
    float kept = sgd.momentum() * v[p];
    v[p] = kept + gradient;
    float change = sgd.learningRate() * v[p];
    w[p] = w[p] - change;
  }

  float[] parameters() {
    int count = 0;
    for (int l = 0; l < weights.length; l++) {
      count += weights[l].length + biases[l].length;
    }
    float[] values = new float[count];
    int index = 0;
    for (int l = 0; l < weights.length; l++) {
      System.arraycopy(weights[l], 0, values, index, weights[l].length);
      index += weights[l].length;
      System.arraycopy(biases[l], 0, values, index, biases[l].length);
      index += biases[l].length;
    }
    return values;
  }
}
