package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec.Image;
import java.util.Arrays;

/**
 * Moves square kernels over images, as one product of matrices for some images and some channels at
 * a time: enough for long rows, few enough for the cache. Its working memory makes it one thread's.
 */
final class Correlation {
  /** Places of a row at least, where there are images enough. */
  private static final int PLACES = 700;

  /** Channels whose terms are laid out at a time. */
  private static final int CHANNELS = 4;

  private final Image image;
  private final int square;
  private final int together;
  private final Unfolding unfolding;
  private final float[][] seen;
  private final float[][] sums;

  /**
   * For images of this shape.
   *
   * @param turned whether the kernels are turned by half a turn
   * @param outputs how many kernels there are
   * @param images how many images there are
   */
  Correlation(Image image, int kernel, boolean turned, int outputs, int images) {
    this.image = image;
    square = kernel * kernel;
    together = Math.max(1, Math.min(images, Math.ceilDiv(PLACES, image.places())));
    unfolding = new Unfolding(image, kernel, turned);
    seen = new float[Math.min(CHANNELS, image.channels()) * square][together * image.places()];
    sums = new float[outputs][together * image.places()];
  }

  /**
   * {@code out[i][o][place] = start[o] + sum of kernels[o][c][ky][kx] * what it sees there of
   * images[i]}, (c, ky, kx) ascending, for i = from to to - 1.
   */
  void run(float[][] images, int from, int to, float[][] kernels, float[] start, float[][] out) {
    for (int first = from; first < to; first += together) {
      int count = Math.min(together, to - first);
      for (int o = 0; o < sums.length; o++) {
        Arrays.fill(sums[o], start[o]);
      }
      for (int channel = 0; channel < image.channels(); channel += CHANNELS) {
        addChannels(images, first, count, channel, kernels);
      }
      for (int i = 0; i < count; i++) {
        join(i * image.places(), out[first + i]);
      }
    }
  }

  private void addChannels(float[][] images, int first, int count, int channel, float[][] kernels) {
    int channels = Math.min(CHANNELS, image.channels() - channel);
    for (int i = 0; i < count; i++) {
      unfolding.rows(images[first + i], channel, channels, seen, i * image.places());
    }
    float[][] factors = new float[kernels.length][];
    for (int o = 0; o < kernels.length; o++) {
      factors[o] = Arrays.copyOfRange(kernels[o], channel * square, (channel + channels) * square);
    }
    Products.add(sums, 0, sums.length, factors, seen, channels * square);
  }

  private void join(int place, float[] joined) {
    int at = 0;
    for (float[] plane : sums) {
      System.arraycopy(plane, place, joined, at, image.places());
      at += image.places();
    }
  }
}
