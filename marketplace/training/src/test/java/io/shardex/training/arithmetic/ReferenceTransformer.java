package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.ModelSpec;

/**
 * A transformer's forward and backward pass read word for word from the specification: flat arrays,
 * one loop nest an operator, one accumulator an output. Gives the mean gradient of a batch.
 */
final class ReferenceTransformer {
  private final ModelSpec.Transformer model;
  private final int window;
  private final int width;
  private final float[] parameters;
  private final float[] gradient;
  private float[] logits = {};
  double lossSum;

  ReferenceTransformer(ModelSpec.Transformer model, Parameters start) {
    this.model = model;
    window = model.window();
    width = model.width();
    parameters = new float[start.count()];
    gradient = new float[start.count()];
    start.copyTo(0, parameters);
  }

  float[] gradient() {
    return gradient;
  }

  float[] logits() {
    return logits;
  }

  void batch(Samples samples, int[] order) {
    int rows = order.length * window;
    int positions = model.vocabulary() * width;
    float[] x = new float[rows * width];
    for (int r = 0; r < rows; r++) {
      int token = samples.feature(order[r / window], r % window);
      for (int c = 0; c < width; c++) {
        float place = parameters[positions + r % window * width + c];
        x[r * width + c] = parameters[token * width + c] + place;
      }
    }
    float[] below = blocks(x, rows, positions + window * width, 0, samples, order);
    for (int r = 0; r < rows; r++) {
      int token = samples.feature(order[r / window], r % window);
      for (int c = 0; c < width; c++) {
        gradient[token * width + c] += below[r * width + c];
        gradient[positions + r % window * width + c] += below[r * width + c];
      }
    }
  }

  /** From block b on to the loss and back; returns the delta of x. */
  private float[] blocks(float[] x, int rows, int at, int b, Samples samples, int[] order) {
    if (b == model.blocks()) {
      return head(x, rows, at, samples, order);
    }
    int wide = 4 * width;
    int project = at + 2 * width + (width + 1) * 3 * width;
    int norm2 = project + (width + 1) * width;
    int up = norm2 + 2 * width;
    int down = up + (width + 1) * wide;
    float[] n1 = norm(x, rows, at);
    float[] qkv = affine(n1, rows, at + 2 * width, width, 3 * width);
    float[] seen = attention(qkv, order.length);
    float[] middle = sum(x, affine(seen, rows, project, width, width));
    float[] n2 = norm(middle, rows, norm2);
    float[] wideSums = affine(n2, rows, up, width, wide);
    float[] active = new float[wideSums.length];
    for (int i = 0; i < active.length; i++) {
      active[i] = 0.5f * wideSums[i] * (1 + tanh(wideSums[i]));
    }
    float[] out = sum(middle, affine(active, rows, down, wide, width));

    float[] delta = blocks(out, rows, down + (wide + 1) * width, b + 1, samples, order);
    float[] d = affineBack(active, delta, rows, down, wide, width);
    for (int i = 0; i < d.length; i++) {
      float z = wideSums[i];
      float t = tanh(z);
      float inner = 0.7978846f * (1 + 3 * 0.044715f * (z * z));
      float slope = 0.5f * (1 + t) + 0.5f * z * (1 - t * t) * inner;
      d[i] = d[i] * slope;
    }
    d = affineBack(n2, d, rows, up, width, wide);
    delta = sum(normBack(middle, d, rows, norm2), delta);
    d = affineBack(seen, delta, rows, project, width, width);
    d = attentionBack(qkv, d, order.length);
    d = affineBack(n1, d, rows, at + 2 * width, width, 3 * width);
    return sum(normBack(x, d, rows, at), delta);
  }

  private float[] head(float[] x, int rows, int at, Samples samples, int[] order) {
    int classes = model.vocabulary();
    float[] n = norm(x, rows, at);
    logits = affine(n, rows, at + 2 * width, width, classes);
    float[] delta = new float[logits.length];
    float mean = 1f / rows;
    for (int r = 0; r < rows; r++) {
      int label = samples.label(order[r / window], r % window);
      float max = logits[r * classes];
      for (int j = 0; j < classes; j++) {
        max = Math.max(max, logits[r * classes + j]);
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        sum += StrictMath.exp(logits[r * classes + j] - max);
      }
      for (int j = 0; j < classes; j++) {
        float p = (float) (StrictMath.exp(logits[r * classes + j] - max) / sum);
        delta[r * classes + j] = (p - (j == label ? 1 : 0)) * mean;
      }
      lossSum += StrictMath.log(sum) - (logits[r * classes + label] - max);
    }
    float[] d = affineBack(n, delta, rows, at + 2 * width, width, classes);
    return normBack(x, d, rows, at);
  }

  private static float tanh(float z) {
    return (float) StrictMath.tanh(0.7978846f * (z + 0.044715f * (z * z * z)));
  }

  private static float[] sum(float[] a, float[] b) {
    float[] sum = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  private float[] affine(float[] x, int rows, int at, int inputs, int outputs) {
    float[] z = new float[rows * outputs];
    for (int i = 0; i < z.length; i++) {
      float sum = parameters[at + inputs * outputs + i % outputs];
      for (int k = 0; k < inputs; k++) {
        float product = x[i / outputs * inputs + k] * parameters[at + k * outputs + i % outputs];
        sum = sum + product;
      }
      z[i] = sum;
    }
    return z;
  }

  private float[] affineBack(float[] x, float[] d, int rows, int at, int inputs, int outputs) {
    float[] below = new float[rows * inputs];
    for (int i = 0; i < below.length; i++) {
      for (int j = 0; j < outputs; j++) {
        float product = d[i / inputs * outputs + j] * parameters[at + i % inputs * outputs + j];
        below[i] = below[i] + product;
      }
    }
    for (int w = 0; w < inputs * outputs; w++) {
      for (int r = 0; r < rows; r++) {
        float product = x[r * inputs + w / outputs] * d[r * outputs + w % outputs];
        gradient[at + w] = gradient[at + w] + product;
      }
    }
    for (int j = 0; j < outputs; j++) {
      for (int r = 0; r < rows; r++) {
        gradient[at + inputs * outputs + j] += d[r * outputs + j];
      }
    }
    return below;
  }

  private double mean(float[] x, int row) {
    double sum = 0;
    for (int c = 0; c < width; c++) {
      sum += x[row * width + c];
    }
    return sum / width;
  }

  private double inverse(float[] x, int row) {
    double squares = 0;
    for (int c = 0; c < width; c++) {
      double distance = x[row * width + c] - mean(x, row);
      squares += distance * distance;
    }
    return 1 / Math.sqrt(squares / width + 1e-5);
  }

  private float normal(float[] x, int row, int c) {
    return (float) ((x[row * width + c] - mean(x, row)) * inverse(x, row));
  }

  private float[] norm(float[] x, int rows, int at) {
    float[] z = new float[x.length];
    for (int i = 0; i < rows * width; i++) {
      int c = i % width;
      float product = normal(x, i / width, c) * parameters[at + c];
      z[i] = product + parameters[at + width + c];
    }
    return z;
  }

  private float[] normBack(float[] x, float[] d, int rows, int at) {
    float[] below = new float[x.length];
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      double dot = 0;
      for (int c = 0; c < width; c++) {
        float g = d[r * width + c] * parameters[at + c];
        sum += g;
        dot += (double) g * normal(x, r, c);
      }
      for (int c = 0; c < width; c++) {
        float g = d[r * width + c] * parameters[at + c];
        float n = normal(x, r, c);
        below[r * width + c] = (float) ((g - sum / width - n * (dot / width)) * inverse(x, r));
        float product = d[r * width + c] * n;
        gradient[at + c] = gradient[at + c] + product;
        gradient[at + width + c] += d[r * width + c];
      }
    }
    return below;
  }

  /** Query (0), key (1) or value (2) c of head h at a token of a sample. */
  private int place(int sample, int token, int part, int h, int c) {
    int headWidth = width / model.heads();
    return (sample * window + token) * 3 * width + part * width + h * headWidth + c;
  }

  private float[] probabilities(float[] qkv, int sample, int h, int i) {
    int headWidth = width / model.heads();
    float[] scores = new float[i + 1];
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j <= i; j++) {
      float sum = 0;
      for (int c = 0; c < headWidth; c++) {
        float product = qkv[place(sample, i, 0, h, c)] * qkv[place(sample, j, 1, h, c)];
        sum = sum + product;
      }
      scores[j] = sum * (float) (1 / Math.sqrt(headWidth));
      max = Math.max(max, scores[j]);
    }
    double sum = 0;
    for (float score : scores) {
      sum += StrictMath.exp(score - max);
    }
    for (int j = 0; j <= i; j++) {
      scores[j] = (float) (StrictMath.exp(scores[j] - max) / sum);
    }
    return scores;
  }

  private float[] attention(float[] qkv, int samples) {
    int headWidth = width / model.heads();
    float[] out = new float[samples * window * width];
    for (int o = 0; o < out.length; o++) {
      int sample = o / width / window;
      int i = o / width % window;
      int h = o % width / headWidth;
      float[] p = probabilities(qkv, sample, h, i);
      for (int j = 0; j <= i; j++) {
        float product = p[j] * qkv[place(sample, j, 2, h, o % headWidth)];
        out[o] = out[o] + product;
      }
    }
    return out;
  }

  private float[] attentionBack(float[] qkv, float[] d, int samples) {
    int headWidth = width / model.heads();
    float scale = (float) (1 / Math.sqrt(headWidth));
    float[] below = new float[qkv.length];
    for (int s = 0; s < samples; s++) {
      for (int h = 0; h < model.heads(); h++) {
        for (int i = 0; i < window; i++) {
          float[] p = probabilities(qkv, s, h, i);
          float[] slopes = new float[i + 1];
          float dot = 0;
          for (int j = 0; j <= i; j++) {
            for (int c = 0; c < headWidth; c++) {
              float up = d[(s * window + i) * width + h * headWidth + c];
              float product = up * qkv[place(s, j, 2, h, c)];
              slopes[j] = slopes[j] + product;
            }
            float product = p[j] * slopes[j];
            dot = dot + product;
          }
          for (int j = 0; j <= i; j++) {
            float slope = p[j] * (slopes[j] - dot) * scale;
            for (int c = 0; c < headWidth; c++) {
              float up = d[(s * window + i) * width + h * headWidth + c];
              below[place(s, i, 0, h, c)] += slope * qkv[place(s, j, 1, h, c)];
              below[place(s, j, 1, h, c)] += slope * qkv[place(s, i, 0, h, c)];
              below[place(s, j, 2, h, c)] += p[j] * up;
            }
          }
        }
      }
    }
    return below;
  }
}
