package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ByteSink;
import io.shardex.market.codec.ByteSource;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.codec.ValueCodecs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32;

/**
 * The worker's commitments, on disk before they are sent. Kept for the audits that ask for them, so
 * that a restarted worker never contradicts itself.
 *
 * <p>An append-only file: {@code SXWJ} and the version (4 bytes each), then records of length
 * (int), CRC-32 (int) and content. Each record is forced to disk before the next is written, so
 * only the last one can be torn; it was never acted on and is dropped. The newest {@link #KEPT}
 * commitments are kept. Safe for many threads.
 */
final class Journal implements AutoCloseable {
  /** Commitments kept: with about 250 bytes each, one MiB. */
  static final int KEPT = 4_096;

  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'W' << 8 | 'J';
  private static final int VERSION = 2;
  private static final int HEADER_BYTES = 2 * Integer.BYTES;
  private static final int FRAME_BYTES = 2 * Integer.BYTES;
  private static final int MAX_RECORD_BYTES = 512;
  private static final long MAX_FILE_BYTES = 64L << 20;

  /** A lease. */
  private record Lease(TaskId task, long fence) {}

  private final Path file;
  private final int kept;
  private final LinkedHashMap<Lease, Commitment> commitments = new LinkedHashMap<>();
  private RandomAccessFile out;
  private long length;

  private Journal(Path file, int kept) throws IOException {
    this.file = file;
    this.kept = kept;
    for (Commitment commitment : read(file)) {
      commitments.put(new Lease(commitment.task(), commitment.fence()), commitment);
    }
    this.out = compacted();
  }

  /**
   * Opens a journal, or starts one.
   *
   * @throws IOException if it cannot be read or written, is of another format, or is damaged
   *     elsewhere than at its end
   */
  static Journal open(Path file) throws IOException {
    return new Journal(file, KEPT);
  }

  static Journal open(Path file, int kept) throws IOException {
    return new Journal(file, kept);
  }

  /** What was committed to for a lease. */
  synchronized Optional<Commitment> find(TaskId task, long fence) {
    return Optional.ofNullable(commitments.get(new Lease(task, fence)));
  }

  /**
   * Puts a commitment on disk; returns when it is there.
   *
   * @throws IllegalStateException if the lease has another one already
   */
  synchronized void commit(Commitment commitment) throws IOException {
    Lease lease = new Lease(commitment.task(), commitment.fence());
    Commitment earlier = commitments.get(lease);
    if (commitment.equals(earlier)) {
      return;
    }
    if (earlier != null) {
      throw new IllegalStateException(
          "expected no second commitment for task %s, fence %d, but %s is to replace %s"
              .formatted(lease.task, lease.fence, commitment.shown(), earlier.shown()));
    }
    if (commitments.size() >= 2 * kept) {
      out.close();
      out = compacted();
    }
    append(out, record(commitment));
    commitments.put(lease, commitment);
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  /** A failed write leaves bytes that the next one overwrites. */
  private void append(RandomAccessFile target, byte[] record) throws IOException {
    target.seek(length);
    target.write(record);
    target.getFD().sync();
    length += record.length;
  }

  /** The commitments in a file, oldest first; none if there is no file. */
  static List<Commitment> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + " has more than " + MAX_FILE_BYTES + " bytes: not a journal");
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    if (in.remaining() < HEADER_BYTES || in.getInt() != MAGIC) {
      throw new IOException("expected a worker's journal, but " + file + " is something else");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new IOException(
          "expected a journal of version %d, but %s has version %d"
              .formatted(VERSION, file, version));
    }
    List<Commitment> read = new ArrayList<>();
    while (in.hasRemaining()) {
      int at = in.position();
      Optional<Commitment> next = next(in);
      if (next.isPresent()) {
        read.add(next.get());
      } else if (in.limit() - at > FRAME_BYTES + MAX_RECORD_BYTES) {
        throw new IOException("%s is damaged at byte %d of %d".formatted(file, at, in.limit()));
      } else {
        return read;
      }
    }
    return read;
  }

  /** The record at the buffer's position, or nothing if it is not whole. */
  private static Optional<Commitment> next(ByteBuffer in) {
    if (in.remaining() < FRAME_BYTES) {
      return Optional.empty();
    }
    int size = in.getInt();
    int crc = in.getInt();
    if (size < 1 || size > MAX_RECORD_BYTES || size > in.remaining()) {
      return Optional.empty();
    }
    byte[] content = new byte[size];
    in.get(content);
    if (crc(content) != crc) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(new ByteSource(content)));
    } catch (MalformedBytes | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Writes what is kept to a new file, which takes the old one's place when it is on disk. */
  private RandomAccessFile compacted() throws IOException {
    while (commitments.size() > kept) {
      commitments.pollFirstEntry();
    }
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    try (RandomAccessFile target = new RandomAccessFile(next.toFile(), "rw")) {
      target.write(ByteBuffer.allocate(HEADER_BYTES).putInt(MAGIC).putInt(VERSION).array());
      for (Commitment commitment : commitments.values()) {
        target.write(record(commitment));
      }
      target.getFD().sync();
      length = target.length();
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new RandomAccessFile(file.toFile(), "rw");
  }

  private static byte[] record(Commitment commitment) {
    ByteSink sink = new ByteSink();
    ValueCodecs.TASK_ID.write(sink, commitment.task());
    sink.putLong(commitment.fence());
    sink.putByte(commitment.divergedAt().isPresent() ? 1 : 0);
    sink.putInt(commitment.divergedAt().orElse(0));
    sink.putBytes(commitment.shown().bytes());
    sink.putBytes(commitment.root().bytes());
    sink.putBytes(commitment.seal().bytes());
    sink.putBytes(commitment.inputs().bytes());
    byte[] content = sink.toBytes();
    return ByteBuffer.allocate(FRAME_BYTES + content.length)
        .putInt(content.length)
        .putInt(crc(content))
        .put(content)
        .array();
  }

  private static Commitment read(ByteSource source) {
    TaskId task = ValueCodecs.TASK_ID.read(source);
    long fence = source.getLong();
    boolean diverged = source.getByte() == 1;
    int step = source.getInt();
    return new Commitment(
        task,
        fence,
        diverged ? OptionalInt.of(step) : OptionalInt.empty(),
        Digest.of(source.getBytes(Digest.BYTES)),
        Digest.of(source.getBytes(Digest.BYTES)),
        Digest.of(source.getBytes(Digest.BYTES)),
        Digest.of(source.getBytes(Digest.BYTES)));
  }

  private static int crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }
}
