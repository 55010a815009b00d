package io.shardex.protocol.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How a record lies in an append-only file: its length, its bytes, and the CRC-32C of both, the
 * numbers as four bytes big-endian. A crash can leave a part of the last one; the CRC tells.
 */
public final class RecordFrame {
  /** Bytes a frame adds to its record. */
  public static final int OVERHEAD = 2 * Integer.BYTES;

  /** The longest record: the log's longest entry, 4 MiB, and what is around it. */
  public static final int MAX_BYTES = (4 << 20) + (64 << 10);

  private RecordFrame() {}

  /** The record with its frame. */
  public static byte[] of(byte[] record) {
    if (record.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a record has at most %d bytes, not %d".formatted(MAX_BYTES, record.length));
    }
    ByteBuffer frame = ByteBuffer.allocate(OVERHEAD + record.length);
    frame.putInt(record.length).put(record);
    return frame.putInt(crc(record)).array();
  }

  /**
   * The next record, or nothing at the stream's end.
   *
   * @throws DamagedRecord if the stream ends inside the frame, or the frame is not what was written
   */
  public static Optional<byte[]> read(InputStream in) throws IOException {
    byte[] head = in.readNBytes(Integer.BYTES);
    if (head.length == 0) {
      return Optional.empty();
    }
    if (head.length < Integer.BYTES) {
      throw new DamagedRecord("a record is cut off in its length");
    }
    int length = ByteBuffer.wrap(head).getInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new DamagedRecord("a record cannot have " + length + " bytes");
    }
    byte[] record = in.readNBytes(length);
    byte[] crc = in.readNBytes(Integer.BYTES);
    if (record.length < length || crc.length < Integer.BYTES) {
      throw new DamagedRecord("a record of " + length + " bytes is cut off");
    }
    if (ByteBuffer.wrap(crc).getInt() != crc(record)) {
      throw new DamagedRecord("a record of " + length + " bytes has another CRC");
    }
    return Optional.of(record);
  }

  private static int crc(byte[] record) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, record.length));
    crc.update(record);
    return (int) crc.getValue();
  }
}
