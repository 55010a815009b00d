package io.shardex.training.data;

import io.shardex.training.commitment.Digest;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.SampleRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Labelled samples: rows of unsigned bytes, each with one label or with one a byte. A view; the
 * bytes are not copied.
 */
public final class Samples {
  private static final byte[] TAG = "shardex.samples/1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] WINDOWS_TAG = "shardex.windows/1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] features;
  private final byte[] labels;
  private final int width;
  private final int labelsEach;
  private final SampleRange range;

  private Samples(byte[] features, byte[] labels, int width, int labelsEach, SampleRange range) {
    this.labelsEach = labelsEach;
    this.features = features;
    this.labels = labels;
    this.width = width;
    this.range = range;
  }

  /**
   * Samples over these arrays, which the caller must not change any more.
   *
   * @param features one row of {@code width} bytes a sample
   * @param labels one byte a sample
   */
  public static Samples of(byte[] features, byte[] labels, int width) {
    if (width < 1 || (long) labels.length * width != features.length) {
      throw new IllegalArgumentException(
          "expected %d samples of %d features, but there are %d feature bytes"
              .formatted(labels.length, width, features.length));
    }
    return new Samples(features, labels, width, 1, new SampleRange(0, labels.length));
  }

  /**
   * Windows of a text, one behind the other; each byte's label is the byte behind it.
   *
   * @param text a whole number of windows and one byte
   */
  public static Samples windows(byte[] text, int window) {
    int count = (text.length - 1) / Math.max(1, window);
    if (window < 2 || count < 1 || (long) count * window + 1 != text.length) {
      throw new IllegalArgumentException(
          "expected windows of %d bytes and one byte, but there are %d bytes"
              .formatted(window, text.length));
    }
    byte[] features = Arrays.copyOf(text, text.length - 1);
    byte[] labels = Arrays.copyOfRange(text, 1, text.length);
    return new Samples(features, labels, window, window, new SampleRange(0, count));
  }

  public int count() {
    return range.count();
  }

  /** Features a sample has. */
  public int width() {
    return width;
  }

  /** Feature of a sample, 0 to 255. */
  public int feature(int sample, int index) {
    return features[(range.from() + sample) * width + index] & 0xff;
  }

  /** Label of a sample that has one, 0 to 255. */
  public int label(int sample) {
    return label(sample, 0);
  }

  /** One of a sample's labels, 0 to 255. */
  public int label(int sample, int index) {
    return labels[(range.from() + sample) * labelsEach + index] & 0xff;
  }

  /** Writes {@code scale[feature]} for each feature of a sample into {@code row}. */
  public void scaleInto(int sample, float[] scale, float[] row) {
    int start = (range.from() + sample) * width;
    for (int i = 0; i < width; i++) {
      row[i] = scale[features[start + i] & 0xff];
    }
  }

  /** The samples of a range of this view. */
  public Samples slice(SampleRange part) {
    if (part.to() > count()) {
      throw new IllegalArgumentException(
          "expected samples up to %d, but there are %d".formatted(part.to(), count()));
    }
    SampleRange moved = new SampleRange(range.from() + part.from(), range.from() + part.to());
    return new Samples(features, labels, width, labelsEach, moved);
  }

  /** Throws {@link IllegalArgumentException} naming what in the samples does not fit the model. */
  public void requireFits(ModelSpec model) {
    if (width != model.inputs()) {
      throw new IllegalArgumentException(
          "expected samples of %d features, the model's inputs, but they have %d"
              .formatted(model.inputs(), width));
    }
    if (labelsEach != model.labels()) {
      throw new IllegalArgumentException(
          "expected samples of %d labels, as the model answers, but they have %d"
              .formatted(model.labels(), labelsEach));
    }
    for (int i = 0; i < count() * labelsEach; i++) {
      requireBelow(model.classes(), "label", i / labelsEach, label(i / labelsEach, i % labelsEach));
    }
    if (model instanceof ModelSpec.Transformer) {
      for (int i = 0; i < count(); i++) {
        requireBelow(model.classes(), "token", i, feature(i, 0));
      }
    }
  }

  private static void requireBelow(int classes, String what, int sample, int value) {
    if (value >= classes) {
      throw new IllegalArgumentException(
          "expected %ss below %d, the model's classes, but sample %d has %s %d"
              .formatted(what, classes, sample, what, value));
    }
  }

  /**
   * SHA-256 of the tag {@code shardex.samples/1}, count and width (4 bytes each, little-endian),
   * the labels and the features. Of windows: the tag {@code shardex.windows/1}, count and width,
   * the labels and the features.
   */
  public Digest digest() {
    ByteBuffer shape = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    shape.putInt(count()).putInt(width);
    return Digest.of(
        labelsEach == 1 ? TAG : WINDOWS_TAG,
        shape.array(),
        Arrays.copyOfRange(labels, range.from() * labelsEach, range.to() * labelsEach),
        Arrays.copyOfRange(features, range.from() * width, range.to() * width));
  }
}
