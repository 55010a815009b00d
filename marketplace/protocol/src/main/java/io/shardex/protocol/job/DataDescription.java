package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.training.data.IdxHeader;
import io.shardex.training.data.IdxPair;
import io.shardex.training.data.TextWindows;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A job's training data as the market names it: its files, by blob id, and their shape. Its own
 * blob id is {@code JobTerms.data}.
 *
 * <p>Canonical bytes, big-endian: {@code "SXD1"}, format (int, 1 = IDX, 2 = text), then what each
 * format says of itself.
 */
public sealed interface DataDescription extends TrainingInputs {
  /** How the canonical bytes begin. */
  int MAGIC = 'S' << 24 | 'X' << 16 | 'D' << 8 | '1';

  /** Length of the longest canonical bytes. */
  int MAX_BYTES = 6 * Integer.BYTES + 2 * (Digest.BYTES + Long.BYTES);

  /** The highest label and one: 1 to 256. */
  int classes();

  @Override
  default DataDescription data() {
    return this;
  }

  /** Samples in them, as a model with this many inputs reads them; 0 if they hold not even one. */
  int samples(int inputs);

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  static DataDescription decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      DataDescription read = read(in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(
            "a data description has %d bytes, but there are %d"
                .formatted(in.position(), bytes.length));
      }
      return read;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException(
          "a data description has more than the " + bytes.length + " bytes there are", e);
    }
  }

  private static DataDescription read(ByteBuffer in) {
    int magic = in.getInt();
    int format = in.getInt();
    if (magic == MAGIC && format == Idx.FORMAT) {
      return new Idx(
          digest(in),
          in.getLong(),
          digest(in),
          in.getLong(),
          in.getInt(),
          in.getInt(),
          in.getInt(),
          in.getInt());
    }
    if (magic == MAGIC && format == Text.FORMAT) {
      return new Text(digest(in), in.getLong(), in.getInt());
    }
    throw new IllegalArgumentException("these bytes are no description of IDX files or text");
  }

  private static Digest digest(ByteBuffer in) {
    byte[] bytes = new byte[Digest.BYTES];
    in.get(bytes);
    return Digest.of(bytes);
  }

  private static ByteBuffer begin(int format, int bytes) {
    return ByteBuffer.allocate(bytes).putInt(MAGIC).putInt(format);
  }

  private static void range(String name, long value, long max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(
          "expected %s of 1 to %d, but it is %d".formatted(name, max, value));
    }
  }

  /**
   * Two IDX files of unsigned bytes. Canonical bytes behind the format: images blob id (32 bytes)
   * and size (long), labels blob id and size, then samples, rows, columns and classes (ints).
   *
   * @param images blob id of the images file
   * @param imagesBytes its length: 16 + samples * rows * columns
   * @param labels blob id of the labels file
   * @param labelsBytes its length: 8 + samples
   * @param samples in each file, 1 to 2^29
   * @param rows of an image
   * @param columns of an image
   */
  record Idx(
      Digest images,
      long imagesBytes,
      Digest labels,
      long labelsBytes,
      int samples,
      int rows,
      int columns,
      int classes)
      implements DataDescription {
    private static final int FORMAT = 1;

    /** Refuses sizes that contradict each other with {@link IllegalArgumentException}. */
    public Idx {
      DataDescription.range("samples", samples, 1 << 29);
      DataDescription.range("rows", rows, 65_536);
      DataDescription.range("columns", columns, 65_536);
      DataDescription.range("classes", classes, 256);
      require(imagesBytes, 16 + (long) samples * rows * columns, "images");
      require(labelsBytes, 8 + (long) samples, "labels");
    }

    /** Features of a sample: rows times columns. */
    public int features() {
      return Math.multiplyExact(rows, columns);
    }

    /** The headers of both files: where in them a shard's samples lie. */
    public IdxPair files() {
      return new IdxPair(
          new IdxHeader(IdxHeader.Kind.IMAGES, samples, rows, columns),
          new IdxHeader(IdxHeader.Kind.LABELS, samples, 1, 1));
    }

    @Override
    public List<Digest> blobs() {
      return List.of(images, labels);
    }

    @Override
    public int samples(int inputs) {
      return samples;
    }

    @Override
    public byte[] encoded() {
      return DataDescription.begin(FORMAT, MAX_BYTES)
          .put(images.bytes())
          .putLong(imagesBytes)
          .put(labels.bytes())
          .putLong(labelsBytes)
          .putInt(samples)
          .putInt(rows)
          .putInt(columns)
          .putInt(classes)
          .array();
    }

    private static void require(long bytes, long expected, String file) {
      if (bytes != expected) {
        throw new IllegalArgumentException(
            "expected %d bytes of %s, but it is %d".formatted(expected, file, bytes));
      }
    }
  }

  /**
   * A file of text, whose bytes are the tokens; the model says how long a sample is. Canonical
   * bytes behind the format: blob id (32 bytes), size (long), classes (int).
   *
   * @param text blob id of the file
   * @param bytes its length, 1 to {@link TextWindows#MAX_BYTES}
   * @param classes the highest byte and one: 1 to 256
   */
  record Text(Digest text, long bytes, int classes) implements DataDescription {
    private static final int FORMAT = 2;

    /** Refuses sizes out of range with {@link IllegalArgumentException}. */
    public Text {
      DataDescription.range("bytes of text", bytes, TextWindows.MAX_BYTES);
      DataDescription.range("classes", classes, 256);
    }

    /** The samples of a model that reads {@code window} bytes at once. */
    public TextWindows windows(int window) {
      return new TextWindows(bytes, window);
    }

    @Override
    public List<Digest> blobs() {
      return List.of(text);
    }

    @Override
    public int samples(int inputs) {
      return windows(inputs).count();
    }

    @Override
    public byte[] encoded() {
      return DataDescription.begin(FORMAT, 3 * Integer.BYTES + Digest.BYTES + Long.BYTES)
          .put(text.bytes())
          .putLong(bytes)
          .putInt(classes)
          .array();
    }
  }
}
