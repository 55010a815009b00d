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
  private final float[][] shifted;
  private final float[] interleaved;

  Unfolding(Image image, int kernel) {
    this.image = image;
    this.kernel = kernel;
    border = kernel / 2;
    shifted = new float[kernel][(image.rows() + 2 * border) * image.columns()];
    interleaved =
        new float[(image.rows() + 2 * border) * (image.columns() + 2 * border) * image.channels()];
  }

  /**
   * One row a weight, one column a place: {@code target[(c * kernel + ky) * kernel + kx][y *
   * columns + x] = image[c][y + ky - border][x + kx - border]}.
   */
  void rows(float[] pixels, float[][] target) {
    for (int c = 0; c < image.channels(); c++) {
      shift(pixels, c);
      for (int ky = 0; ky < kernel; ky++) {
        for (int kx = 0; kx < kernel; kx++) {
          copyPlane(kx, ky, target[(c * kernel + ky) * kernel + kx]);
        }
      }
    }
  }

  /** The same for the kernel turned by half a turn: {@code image[c][y - ky + border][...]}. */
  void turnedRows(float[] pixels, float[][] target) {
    for (int c = 0; c < image.channels(); c++) {
      shift(pixels, c);
      for (int ky = 0; ky < kernel; ky++) {
        for (int kx = 0; kx < kernel; kx++) {
          int last = kernel - 1;
          copyPlane(last - kx, last - ky, target[(c * kernel + ky) * kernel + kx]);
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

  private void copyPlane(int kx, int ky, float[] target) {
    System.arraycopy(shifted[kx], ky * image.columns(), target, 0, image.places());
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
