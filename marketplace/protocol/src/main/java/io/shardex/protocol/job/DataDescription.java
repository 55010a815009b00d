package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.training.data.IdxHeader;
import io.shardex.training.data.IdxPair;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A job's training data as the market names it: two IDX files of unsigned bytes, by blob id, and
 * their shape. Its own blob id is {@code JobTerms.data}.
 *
 * <p>Canonical bytes, big-endian: {@code "SXD1"}, format (int, 1 = IDX), images blob id (32 bytes)
 * and size (long), labels blob id and size, then samples, rows, columns and classes (ints).
 *
 * @param images blob id of the images file
 * @param imagesBytes its length: 16 + samples * rows * columns
 * @param labels blob id of the labels file
 * @param labelsBytes its length: 8 + samples
 * @param samples in each file, 1 to 2^29
 * @param rows of an image
 * @param columns of an image
 * @param classes the highest label and one: 1 to 256
 */
public record DataDescription(
    Digest images,
    long imagesBytes,
    Digest labels,
    long labelsBytes,
    int samples,
    int rows,
    int columns,
    int classes)
    implements TrainingInputs {
  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'D' << 8 | '1';
  private static final int IDX = 1;

  /** Length of the canonical bytes. */
  public static final int BYTES = 6 * Integer.BYTES + 2 * (Digest.BYTES + Long.BYTES);

  /** Refuses sizes that contradict each other with {@link IllegalArgumentException}. */
  public DataDescription {
    range("samples", samples, 1 << 29);
    range("rows", rows, 65_536);
    range("columns", columns, 65_536);
    range("classes", classes, 256);
    require(imagesBytes, 16 + (long) samples * rows * columns, "images");
    require(labelsBytes, 8 + (long) samples, "labels");
  }

  /** Features of a sample: rows times columns. */
  public int features() {
    return Math.multiplyExact(rows, columns);
  }

  @Override
  public DataDescription data() {
    return this;
  }

  @Override
  public List<Digest> blobs() {
    return List.of(images, labels);
  }

  /** The headers of both files: where in them a shard's samples lie. */
  public IdxPair files() {
    return new IdxPair(
        new IdxHeader(IdxHeader.Kind.IMAGES, samples, rows, columns),
        new IdxHeader(IdxHeader.Kind.LABELS, samples, 1, 1));
  }

  @Override
  public byte[] encoded() {
    return ByteBuffer.allocate(BYTES)
        .putInt(MAGIC)
        .putInt(IDX)
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

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  public static DataDescription decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a data description has " + BYTES + " bytes, but there are " + bytes.length);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt() != MAGIC || in.getInt() != IDX) {
      throw new IllegalArgumentException("these bytes are no description of IDX data");
    }
    return new DataDescription(
        digest(in),
        in.getLong(),
        digest(in),
        in.getLong(),
        in.getInt(),
        in.getInt(),
        in.getInt(),
        in.getInt());
  }

  private static Digest digest(ByteBuffer in) {
    byte[] bytes = new byte[Digest.BYTES];
    in.get(bytes);
    return Digest.of(bytes);
  }

  private static void range(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(
          "expected %s of 1 to %d, but it is %d".formatted(name, max, value));
    }
  }

  private static void require(long bytes, long expected, String file) {
    if (bytes != expected) {
      throw new IllegalArgumentException(
          "expected %d bytes of %s, but it is %d".formatted(expected, file, bytes));
    }
  }
}
