package io.shardex.protocol.log;

import java.nio.ByteBuffer;

/**
 * One entry of the log. Raft writes entries of its own between those of the market, so that indices
 * have gaps; {@code previous} tells such a gap from a missing entry.
 *
 * @param previous index of the market's entry before this one, -1 for the first
 * @param index its own
 * @param bytes as they were proposed, in the market's codec
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record LogEntry(long previous, long index, byte[] bytes) {
  private static final int PLACE = 2 * Long.BYTES;

  public LogEntry {
    if (previous < -1 || index <= previous) {
      throw new IllegalArgumentException(
          "entry %d cannot follow on entry %d".formatted(index, previous));
    }
  }

  /** Both indices, big-endian, then the entry's bytes. */
  byte[] toRecord() {
    return ByteBuffer.allocate(PLACE + bytes.length)
        .putLong(previous)
        .putLong(index)
        .put(bytes)
        .array();
  }

  /** The entry that a record holds; throws {@link DamagedRecord} if it cannot be one. */
  static LogEntry of(byte[] record) throws DamagedRecord {
    if (record.length < PLACE) {
      throw new DamagedRecord("a record of " + record.length + " bytes is no log entry");
    }
    ByteBuffer in = ByteBuffer.wrap(record);
    long previous = in.getLong();
    long index = in.getLong();
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    try {
      return new LogEntry(previous, index, bytes);
    } catch (IllegalArgumentException e) {
      throw new DamagedRecord(String.valueOf(e.getMessage()));
    }
  }
}
