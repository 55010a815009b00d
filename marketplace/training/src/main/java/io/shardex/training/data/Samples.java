package io.shardex.training.data;

import io.shardex.training.commitment.Digest;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.SampleRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Labelled samples: rows of unsigned bytes and one label each. A view; the bytes are not copied.
 */
public final class Samples {
  private static final byte[] TAG = "shardex.samples/1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] features;
  private final byte[] labels;
  private final int width;
  private final SampleRange range;

  private Samples(byte[] features, byte[] labels, int width, SampleRange range) {
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
    return new Samples(features, labels, width, new SampleRange(0, labels.length));
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

  /** Label of a sample, 0 to 255. */
  public int label(int sample) {
    return labels[range.from() + sample] & 0xff;
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
    return new Samples(features, labels, width, moved);
  }

  /** Throws {@link IllegalArgumentException} naming what in the samples does not fit the model. */
  public void requireFits(ModelSpec model) {
    if (width != model.inputs()) {
      throw new IllegalArgumentException(
          "expected samples of %d features, the model's inputs, but they have %d"
              .formatted(model.inputs(), width));
    }
    for (int i = 0; i < count(); i++) {
      if (label(i) >= model.classes()) {
        throw new IllegalArgumentException(
            "expected labels below %d, the model's classes, but sample %d has label %d"
                .formatted(model.classes(), i, label(i)));
      }
    }
  }

  /**
   * SHA-256 of the tag {@code shardex.samples/1}, count and width (4 bytes each, little-endian),
   * the labels and the features.
   */
  public Digest digest() {
    ByteBuffer shape = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    shape.putInt(count()).putInt(width);
    return Digest.of(
        TAG,
        shape.array(),
        Arrays.copyOfRange(labels, range.from(), range.to()),
        Arrays.copyOfRange(features, range.from() * width, range.to() * width));
  }
}
