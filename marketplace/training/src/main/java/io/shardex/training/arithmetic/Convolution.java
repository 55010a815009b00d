package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec.Image;
import java.util.Arrays;
import java.util.List;

/**
 * A convolution with a square kernel of odd width; the image beyond its border is +0, so output and
 * input have the same rows and columns. Images lie [channels][rows][columns], weights [channels
 * out][channels in][kernel][kernel].
 */
final class Convolution extends Layer {
  /** Below this many weights of a kernel a gradient's row is too short to vectorise along. */
  private static final int NARROW = 64;

  private final Image input;
  private final Image image;
  private final int kernel;
  private final int depth;
  private final ParameterRows weights;
  private final ParameterRows bias;
  private final float[][] turned;

  Convolution(Image input, int kernel, int channels, int batch, int slots) {
    super(batch, input.withChannels(channels).values());
    this.input = input;
    this.kernel = kernel;
    image = input.withChannels(channels);
    depth = input.channels() * kernel * kernel;
    weights = new ParameterRows(channels, depth, slots);
    bias = new ParameterRows(1, channels, slots);
    turned = new float[input.channels()][channels * kernel * kernel];
  }

  @Override
  List<ParameterRows> parameters() {
    return List.of(weights, bias);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(count, (from, to) -> forward(x, from, to));
  }

  private void forward(float[][] x, int from, int to) {
    new Correlation(input, kernel, false, image.channels(), to - from)
        .run(x, from, to, weights.values(), bias.row(0), output);
  }

  /** A convolution of the delta with the kernels turned by half a turn. */
  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    int square = kernel * kernel;
    for (int in = 0; in < input.channels(); in++) {
      for (int out = 0; out < image.channels(); out++) {
        System.arraycopy(weights.row(out), in * square, turned[in], out * square, square);
      }
    }
    lanes.split(count, (from, to) -> backward(below, from, to));
  }

  private void backward(float[][] below, int from, int to) {
    new Correlation(image, kernel, true, input.channels(), to - from)
        .run(delta, from, to, turned, new float[input.channels()], below);
  }

  /** Copies channels from the first on, one a plane. */
  private void split(float[] joined, int first, float[][] planes) {
    int at = first * image.places();
    for (float[] plane : planes) {
      System.arraycopy(joined, at, plane, 0, plane.length);
      at += plane.length;
    }
  }

  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    float[] biasGradient = new float[image.channels()];
    lanes.split(
        image.channels(),
        (from, to) -> {
          float[][] gradient =
              depth < NARROW
                  ? narrowGradient(x, count, from, to)
                  : wideGradient(x, count, from, to);
          for (int c = from; c < to; c++) {
            biasGradient[c] = gradient[c - from][depth];
            optimizer.move(weights, c, Arrays.copyOf(gradient[c - from], depth));
          }
        });
    optimizer.move(bias, 0, biasGradient);
  }

  /** Gradients of some channels; the last column is the bias's, whose input is always 1. */
  private float[][] narrowGradient(float[][] x, int count, int from, int to) {
    Unfolding unfolding = new Unfolding(input, kernel, false);
    float[][] seen = new float[depth + 1][image.places()];
    Arrays.fill(seen[depth], 1f);
    float[][] gradient = new float[to - from][depth + 1];
    float[][] planes = new float[to - from][image.places()];
    for (int i = 0; i < count; i++) {
      unfolding.rows(x[i], 0, input.channels(), seen, 0);
      split(delta[i], from, planes);
      Dots.add(gradient, 0, to - from, planes, seen);
    }
    return gradient;
  }

  private float[][] wideGradient(float[][] x, int count, int from, int to) {
    Unfolding unfolding = new Unfolding(input, kernel, false);
    float[][] patches = new float[image.places()][depth + 1];
    for (float[] patch : patches) {
      patch[depth] = 1f;
    }
    float[][] gradient = new float[to - from][depth + 1];
    float[][] planes = new float[to - from][image.places()];
    for (int i = 0; i < count; i++) {
      unfolding.patches(x[i], patches);
      split(delta[i], from, planes);
      Products.add(gradient, 0, to - from, planes, patches, image.places());
    }
    return channelsOutermost(gradient);
  }

  private float[][] channelsOutermost(float[][] gradient) {
    int square = kernel * kernel;
    float[][] ordered = new float[gradient.length][depth + 1];
    for (int row = 0; row < gradient.length; row++) {
      for (int place = 0; place < square; place++) {
        for (int c = 0; c < input.channels(); c++) {
          ordered[row][c * square + place] = gradient[row][place * input.channels() + c];
        }
      }
      ordered[row][depth] = gradient[row][depth];
    }
    return ordered;
  }
}
