package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Image;
import java.util.ArrayList;
import java.util.List;

/** The specification read word for word: flat arrays, one loop nest an operator, slow. */
final class ReferenceTraining {
  private final ModelSpec.Layered model;
  private final LocalSpec local;
  private final List<ModelSpec.Stage> stages;
  private final List<Image> images;
  private final int layers;
  private final float[][] weights;
  private final float[][] biases;
  private final float[][][] weightSlots;
  private final float[][][] biasSlots;
  private float product1 = 1;
  private float product2 = 1;
  double lossSum;

  /** A sample on its way: what goes into each layer, and what a stage has before its pooling. */
  private static final class Pass {
    final float[][] inputs;
    final float[][] unpooled;
    final float[] logits;

    Pass(float[][] inputs, float[][] unpooled, float[] logits) {
      this.inputs = inputs;
      this.unpooled = unpooled;
      this.logits = logits;
    }
  }

  ReferenceTraining(RoundModel base, LocalSpec local) {
    this.model = base.model().layered();
    this.local = local;
    stages = model instanceof ModelSpec.Cnn cnn ? cnn.stages() : List.of();
    images = model instanceof ModelSpec.Cnn cnn ? cnn.images() : List.of();
    layers = model.fans().size();
    weights = new float[layers][];
    biases = new float[layers][];
    weightSlots = new float[layers][2][];
    biasSlots = new float[layers][2][];
    int index = 0;
    for (int l = 0; l < layers; l++) {
      ModelSpec.Fan fan = model.fans().get(l);
      weights[l] = new float[fan.inputs() * fan.outputs()];
      biases[l] = new float[fan.outputs()];
      for (int slot = 0; slot < 2; slot++) {
        weightSlots[l][slot] = new float[weights[l].length];
        biasSlots[l][slot] = new float[biases[l].length];
      }
      base.parameters().copyTo(index, weights[l]);
      index += weights[l].length;
      base.parameters().copyTo(index, biases[l]);
      index += biases[l].length;
    }
  }

  void epoch(Samples samples, int[] order) {
    for (int at = 0; at < order.length; at += local.batchSize()) {
      step(samples, order, at, Math.min(local.batchSize(), order.length - at));
    }
  }

  private void step(Samples samples, int[] order, int at, int count) {
    List<Pass> passes = new ArrayList<>();
    float[][] delta = new float[count][];
    for (int i = 0; i < count; i++) {
      passes.add(forward(samples, order[at + i]));
    }
    for (int i = 0; i < count; i++) {
      delta[i] = loss(passes.get(i).logits, samples.label(order[at + i]), 1f / count);
    }
    if (local instanceof LocalSpec.Adam adam) {
      product1 = product1 * adam.beta1();
      product2 = product2 * adam.beta2();
    }
    for (int l = layers - 1; l >= 0; l--) {
      float[][] below = new float[count][];
      for (int i = 0; i < count && l > 0; i++) {
        below[i] = inputDelta(l, passes.get(i), delta[i]);
      }
      update(l, passes, delta);
      delta = below;
    }
  }

  private Pass forward(Samples samples, int sample) {
    float[] x = new float[model.inputs()];
    for (int k = 0; k < x.length; k++) {
      x[k] = (samples.feature(sample, k) / 255f - 0.1307f) / 0.3081f;
    }
    float[][] inputs = new float[layers][];
    float[][] unpooled = new float[stages.size()][];
    for (int l = 0; l < layers; l++) {
      inputs[l] = x;
      if (l < stages.size()) {
        unpooled[l] = convolve(l, x);
        x = pool(l, unpooled[l]);
      } else {
        x = dense(l, x);
      }
    }
    return new Pass(inputs, unpooled, x);
  }

  private float[] dense(int l, float[] x) {
    int outputs = biases[l].length;
    float[] z = new float[outputs];
    for (int j = 0; j < outputs; j++) {
      float sum = biases[l][j];
      for (int k = 0; k < x.length; k++) {
        float product = x[k] * weights[l][k * outputs + j];
        sum = sum + product;
      }
      z[j] = l == layers - 1 ? sum : Math.max(sum, 0f);
    }
    return z;
  }

  private float[] convolve(int l, float[] x) {
    Image in = images.get(l);
    float[] z = new float[in.places() * stages.get(l).channels()];
    for (int p = 0; p < z.length; p++) {
      int out = p / in.places();
      float sum = biases[l][out];
      for (int k = 0; k < model.fans().get(l).inputs(); k++) {
        float product = seen(l, x, k, p % in.places()) * weight(l, out, k);
        sum = sum + product;
      }
      z[p] = Math.max(sum, 0f);
    }
    return z;
  }

  private float weight(int l, int out, int k) {
    return weights[l][out * model.fans().get(l).inputs() + k];
  }

  /** What weight k of a kernel at a place sees: +0 beyond the border. */
  private float seen(int l, float[] x, int k, int place) {
    int kernel = stages.get(l).kernel();
    Image in = images.get(l);
    int row = place / in.columns() + k / kernel % kernel - kernel / 2;
    int column = place % in.columns() + k % kernel - kernel / 2;
    return at(in, x, k / (kernel * kernel), row, column);
  }

  private static float at(Image image, float[] x, int channel, int row, int column) {
    boolean inside = row >= 0 && row < image.rows() && column >= 0 && column < image.columns();
    return inside ? x[(channel * image.rows() + row) * image.columns() + column] : 0f;
  }

  private float[] pool(int l, float[] z) {
    Image pooled = images.get(l + 1);
    float[] x = new float[pooled.values()];
    for (int p = 0; p < x.length; p++) {
      x[p] = z[largest(l, z, p)];
    }
    return x;
  }

  private int largest(int l, float[] z, int p) {
    Image pooled = images.get(l + 1);
    Image in = images.get(l);
    int channel = p / pooled.places();
    int row = 2 * (p % pooled.places() / pooled.columns());
    int column = 2 * (p % pooled.columns());
    int first = (channel * in.rows() + row) * in.columns() + column;
    int largest = first;
    for (int place : new int[] {first + 1, first + in.columns(), first + in.columns() + 1}) {
      largest = z[place] > z[largest] ? place : largest;
    }
    return largest;
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

  /** The delta of layer l - 1's sums, through its pooling and its activation. */
  private float[] inputDelta(int l, Pass pass, float[] delta) {
    float[] x = pass.inputs[l];
    float[] below = l < stages.size() ? convolutionDelta(l, delta) : denseDelta(l, x, delta);
    if (l <= stages.size()) {
      return unpool(l - 1, pass.unpooled[l - 1], below);
    }
    for (int k = 0; k < x.length; k++) {
      below[k] = x[k] > 0 ? below[k] : 0;
    }
    return below;
  }

  private float[] denseDelta(int l, float[] x, float[] delta) {
    float[] below = new float[x.length];
    for (int k = 0; k < below.length; k++) {
      float sum = 0;
      for (int j = 0; j < delta.length; j++) {
        float product = delta[j] * weights[l][k * delta.length + j];
        sum = sum + product;
      }
      below[k] = sum;
    }
    return below;
  }

  private float[] convolutionDelta(int l, float[] delta) {
    Image in = images.get(l);
    Image out = in.withChannels(stages.get(l).channels());
    int kernel = stages.get(l).kernel();
    float[] below = new float[in.values()];
    for (int p = 0; p < below.length; p++) {
      int channel = p / in.places();
      int row = p % in.places() / in.columns();
      int column = p % in.columns();
      float sum = 0;
      for (int j = 0; j < out.channels(); j++) {
        for (int ky = 0; ky < kernel; ky++) {
          for (int kx = 0; kx < kernel; kx++) {
            float d = at(out, delta, j, row - ky + kernel / 2, column - kx + kernel / 2);
            float product = d * weight(l, j, (channel * kernel + ky) * kernel + kx);
            sum = sum + product;
          }
        }
      }
      below[p] = sum;
    }
    return below;
  }

  private float[] unpool(int l, float[] z, float[] delta) {
    float[] below = new float[z.length];
    for (int p = 0; p < delta.length; p++) {
      int place = largest(l, z, p);
      below[place] = z[place] > 0 ? delta[p] : 0;
    }
    return below;
  }

  private void update(int l, List<Pass> passes, float[][] delta) {
    int inputs = model.fans().get(l).inputs();
    int outputs = biases[l].length;
    int places = l < stages.size() ? images.get(l).places() : 1;
    float[] gradients = new float[weights[l].length];
    for (int w = 0; w < gradients.length; w++) {
      for (int i = 0; i < delta.length; i++) {
        for (int place = 0; place < places; place++) {
          float[] x = passes.get(i).inputs[l];
          float product =
              l < stages.size()
                  ? seen(l, x, w % inputs, place) * delta[i][w / inputs * places + place]
                  : x[w / outputs] * delta[i][w % outputs];
          gradients[w] = gradients[w] + product;
        }
      }
    }
    for (int w = 0; w < gradients.length; w++) {
      move(weights[l], weightSlots[l], w, gradients[w]);
    }
    for (int j = 0; j < outputs; j++) {
      float gradient = 0;
      for (float[] row : delta) {
        for (int place = 0; place < places; place++) {
          gradient = gradient + row[j * places + place];
        }
      }
      move(biases[l], biasSlots[l], j, gradient);
    }
  }

  private void move(float[] w, float[][] slots, int p, float gradient) {
    switch (local) {
      case LocalSpec.Sgd sgd -> {
        float kept = sgd.momentum() * slots[0][p];
        slots[0][p] = kept + gradient;
        float change = sgd.learningRate() * slots[0][p];
        w[p] = w[p] - change;
      }
      case LocalSpec.Adam adam -> {
        float kept1 = adam.beta1() * slots[0][p];
        float new1 = (1 - adam.beta1()) * gradient;
        slots[0][p] = kept1 + new1;
        float kept2 = adam.beta2() * slots[1][p];
        float square = gradient * gradient;
        float new2 = (1 - adam.beta2()) * square;
        slots[1][p] = kept2 + new2;
        float rate = adam.learningRate() / (1 - product1);
        float root = (float) Math.sqrt(slots[1][p]);
        float correction = (float) Math.sqrt(1 - product2);
        float spread = root / correction + adam.epsilon();
        float step = rate * slots[0][p];
        w[p] = w[p] - step / spread;
      }
    }
  }

  float[] parameters() {
    float[] values = new float[model.parameterCount()];
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
