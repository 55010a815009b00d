package io.shardex.protocol.log;

import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads what an {@link ArchiveWriter} wrote, entry by entry, and checks it on the way. */
public final class ArchiveReader {
  private static final int LONGEST_LINE = 200;

  private final InputStream in;
  private long position;

  /**
   * Reads the header.
   *
   * @throws DamagedRecord if it is no archive, or one of another network
   */
  public ArchiveReader(InputStream in, NetworkId network) throws IOException {
    this.in = in;
    String format = line();
    if (!format.equals(ArchiveWriter.FORMAT)) {
      throw new DamagedRecord(
          "expected the format %s, but the file begins with '%s'"
              .formatted(ArchiveWriter.FORMAT, format));
    }
    String found = line();
    if (!found.equals(network.toString())) {
      throw new DamagedRecord(
          "expected the log of network %s, but the file is of %s".formatted(network, found));
    }
  }

  /**
   * The next entry, or nothing at the end.
   *
   * @throws DamagedRecord naming the byte at which a record is cut off or altered
   */
  public Optional<LogEntry> next() throws IOException {
    try {
      Optional<byte[]> record = RecordFrame.read(in);
      if (record.isEmpty()) {
        return Optional.empty();
      }
      LogEntry entry = LogEntry.of(record.get());
      position += RecordFrame.OVERHEAD + record.get().length;
      return Optional.of(entry);
    } catch (DamagedRecord e) {
      throw new DamagedRecord("at byte " + position + ": " + e.getMessage());
    }
  }

  /** Where the next record begins, in bytes from the file's beginning. */
  public long position() {
    return position;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n' && line.length() < LONGEST_LINE) {
      line.append(new String(new byte[] {(byte) next}, StandardCharsets.US_ASCII));
      next = in.read();
    }
    position += line.length() + 1;
    return line.toString();
  }
}
