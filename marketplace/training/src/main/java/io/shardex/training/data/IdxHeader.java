package io.shardex.training.data;

import io.shardex.training.spec.SampleRange;
import java.nio.ByteBuffer;

/**
 * The header of an IDX file of unsigned bytes: big-endian magic (0x0801 labels, 0x0803 images),
 * then one 32-bit size a dimension. The payload follows, a record of equal length a sample, so a
 * worker needs only the {@linkplain #bytesOf byte range} of its shard.
 *
 * @param count samples, 1 to 2^29
 * @param rows 1 for labels
 * @param columns 1 for labels
 */
public record IdxHeader(Kind kind, int count, int rows, int columns) {

  /** Longest header; reading this many bytes of a file is enough to parse it. */
  public static final int MAX_BYTES = 16;

  /** The two kinds of files: a record is one label, or one image. */
  public enum Kind {
    LABELS(0x0801, 8),
    IMAGES(0x0803, 16);

    private final int magic;
    private final int headerBytes;

    Kind(int magic, int headerBytes) {
      this.magic = magic;
      this.headerBytes = headerBytes;
    }
  }

  /**
   * Parses the start of a file.
   *
   * @param file name for error messages
   * @param prefix at least the header's bytes; the rest is not read
   * @param fileLength length of the whole file in bytes, checked against the header
   */
  public static IdxHeader parse(String file, Kind kind, byte[] prefix, long fileLength)
      throws MalformedIdx {
    if (prefix.length < kind.headerBytes) {
      throw new MalformedIdx(
          file,
          "expected a header of %d bytes, but there are %d"
              .formatted(kind.headerBytes, prefix.length));
    }
    ByteBuffer bytes = ByteBuffer.wrap(prefix);
    int magic = bytes.getInt();
    if (magic != kind.magic) {
      throw new MalformedIdx(
          file, "expected magic 0x%08x, but it is 0x%08x".formatted(kind.magic, magic));
    }
    int count = size(file, "sample count", bytes.getInt(), 1 << 29);
    int rows = kind == Kind.LABELS ? 1 : size(file, "row count", bytes.getInt(), 65_536);
    int columns = kind == Kind.LABELS ? 1 : size(file, "column count", bytes.getInt(), 65_536);
    IdxHeader header = new IdxHeader(kind, count, rows, columns);
    long expected = kind.headerBytes + (long) count * header.recordBytes(file);
    if (fileLength != expected) {
      throw new MalformedIdx(
          file,
          "expected %d bytes for %d samples, but the file has %d"
              .formatted(expected, count, fileLength));
    }
    return header;
  }

  private static int size(String file, String name, int value, int max) throws MalformedIdx {
    if (value < 1 || value > max) {
      throw new MalformedIdx(
          file,
          "expected a %s of 1 to %d, but it is %d"
              .formatted(name, max, Integer.toUnsignedLong(value)));
    }
    return value;
  }

  private int recordBytes(String file) throws MalformedIdx {
    return size(file, "record length", (int) Math.min((long) rows * columns, 1 << 30), 1 << 24);
  }

  /** Bytes of one sample: rows times columns. */
  public int recordBytes() {
    return Math.multiplyExact(rows, columns);
  }

  /** Where in the file the payload of these samples lies. */
  public ByteRange bytesOf(SampleRange samples) {
    if (samples.to() > count) {
      throw new IllegalArgumentException(
          "expected samples up to %d, but the file has %d".formatted(samples.to(), count));
    }
    return new ByteRange(
        kind.headerBytes + (long) samples.from() * recordBytes(),
        (long) samples.count() * recordBytes());
  }
}
