package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec.Image;

/**
 * Lays out what the weights of a square kernel see as it moves over an image, so that a convolution
 * becomes a product of matrices. Beyond the border the image is +0. Its working memory makes it one
 * thread's.
 */
final class Unfolding {
  private final Image image;
  private final int kernel;
  private final int border;
  private final boolean turned;
  private final float[][] shifted;
  private final float[] interleaved;

  /**
   * For images of this shape.
   *
   * @param turned whether {@link #rows} is to show what the kernel turned by half a turn sees
   */
  Unfolding(Image image, int kernel, boolean turned) {
    this.image = image;
    this.kernel = kernel;
    this.turned = turned;
    border = kernel / 2;
    shifted = new float[kernel][(image.rows() + 2 * border) * image.columns()];
    interleaved =
        new float[(image.rows() + 2 * border) * (image.columns() + 2 * border) * image.channels()];
  }

  /**
   * One row a weight, one column a place, for some channels: {@code target[(c * kernel + ky) *
   * kernel + kx][at + y * columns + x] = image[first + c][y + ky - border][x + kx - border]}, or
   * {@code [y - ky + border][x - kx + border]} of a turned kernel.
   */
  void rows(float[] pixels, int first, int channels, float[][] target, int at) {
    for (int c = 0; c < channels; c++) {
      shift(pixels, first + c);
      for (int ky = 0; ky < kernel; ky++) {
        for (int kx = 0; kx < kernel; kx++) {
          int column = turned ? kernel - 1 - kx : kx;
          int row = turned ? kernel - 1 - ky : ky;
          System.arraycopy(
              shifted[column],
              row * image.columns(),
              target[(c * kernel + ky) * kernel + kx],
              at,
              image.places());
        }
      }
    }
  }

  /** Each column shift of a channel's plane, between rows of zeros. */
  private void shift(float[] pixels, int channel) {
    int columns = image.columns();
    for (int kx = 0; kx < kernel; kx++) {
      int left = kx - border;
      int from = Math.max(0, left);
      int length = Math.min(columns, columns + left) - from;
      if (length > 0) {
        for (int y = 0; y < image.rows(); y++) {
          int source = (channel * image.rows() + y) * columns + from;
          int place = (border + y) * columns + from - left;
          System.arraycopy(pixels, source, shifted[kx], place, length);
        }
      }
    }
  }

  /**
   * One row a place, one column a weight, channels innermost: {@code target[y * columns + x][(ky *
   * kernel + kx) * channels + c]}.
   */
  void patches(float[] pixels, float[][] target) {
    interleave(pixels);
    int channels = image.channels();
    int width = (image.columns() + 2 * border) * channels;
    int length = kernel * channels;
    for (int y = 0; y < image.rows(); y++) {
      for (int x = 0; x < image.columns(); x++) {
        float[] patch = target[y * image.columns() + x];
        for (int ky = 0; ky < kernel; ky++) {
          System.arraycopy(
              interleaved, (y + ky) * width + x * channels, patch, ky * length, length);
        }
      }
    }
  }

  private void interleave(float[] pixels) {
    int channels = image.channels();
    int width = image.columns() + 2 * border;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < image.rows(); y++) {
        int source = (c * image.rows() + y) * image.columns();
        int place = ((y + border) * width + border) * channels + c;
        for (int x = 0; x < image.columns(); x++) {
          interleaved[place + x * channels] = pixels[source + x];
        }
      }
    }
  }
}
