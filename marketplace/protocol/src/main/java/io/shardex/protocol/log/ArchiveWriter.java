package io.shardex.protocol.log;

import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the format {@code shardex.archive/1}: the line {@code shardex.archive/1}, a line with the
 * network's {@link NetworkId}, and then a {@link RecordFrame} for each entry, which holds the
 * {@link LogEntry}'s previous index, its index (eight bytes each, big-endian) and its bytes.
 */
public final class ArchiveWriter {
  static final String FORMAT = "shardex.archive/1";

  private final OutputStream out;
  private long bytes;

  /** Continues a file that has its header and {@code bytes} bytes in all. */
  public ArchiveWriter(OutputStream out, long bytes) {
    this.out = out;
    this.bytes = bytes;
  }

  /** Begins a file with its header. The stream stays the caller's to close. */
  public static ArchiveWriter begin(OutputStream out, NetworkId network) throws IOException {
    byte[] header = header(network);
    out.write(header);
    return new ArchiveWriter(out, header.length);
  }

  public void write(LogEntry entry) throws IOException {
    byte[] frame = RecordFrame.of(entry.toRecord());
    out.write(frame);
    bytes += frame.length;
  }

  /** Bytes of the file so far, its header included. */
  public long bytes() {
    return bytes;
  }

  /** Bytes of the header. */
  public static int headerBytes(NetworkId network) {
    return header(network).length;
  }

  private static byte[] header(NetworkId network) {
    return (FORMAT + "\n" + network + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
