package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ByteSink;
import io.shardex.market.codec.ByteSource;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.codec.ValueCodecs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest checkpoint of the lease in hand, on the agent's own disk, so that an agent that is
 * started again goes on with the lease it had. Safe for many threads.
 *
 * <p>The file: {@code SXWC} and the version (4 bytes each), SHA-256 of the rest, the length of the
 * head (4 bytes), the head (task, fence, inputs and step in the market's codec), the checkpoint.
 */
final class CheckpointFile {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFile.class);
  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'W' << 8 | 'C';
  private static final int VERSION = 1;
  private static final int FIXED_BYTES = 3 * Integer.BYTES + Digest.BYTES;
  private static final int MOST_HEAD_BYTES = 512;

  private final Path file;

  CheckpointFile(Path file) {
    this.file = file;
  }

  /**
   * A checkpoint of a lease.
   *
   * @param inputs what the run it is of was made from
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Saved(TaskId task, long fence, Digest inputs, int step, byte[] checkpoint) {}

  /** Takes the place of what was there; returns when it is on disk. */
  synchronized void save(Saved saved) throws IOException {
    ByteSink sink = new ByteSink();
    ValueCodecs.TASK_ID.write(sink, saved.task());
    sink.putLong(saved.fence());
    sink.putBytes(saved.inputs().bytes());
    sink.putInt(saved.step());
    byte[] head = sink.toBytes();
    ByteBuffer start = ByteBuffer.allocate(FIXED_BYTES + head.length);
    start.putInt(MAGIC).putInt(VERSION);
    start.put(digest(head, saved.checkpoint()).bytes());
    start.putInt(head.length).put(head).flip();
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(out, start);
      write(out, ByteBuffer.wrap(saved.checkpoint()));
      out.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** What is saved of this lease; nothing if the file is of another, is damaged or is not there. */
  synchronized Optional<Saved> find(TaskId task, long fence) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(Files.readAllBytes(file)))
          .filter(saved -> saved.task().equals(task) && saved.fence() == fence);
    } catch (IOException | MalformedBytes | IllegalArgumentException e) {
      LOG.warn("{} cannot be used: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private static Digest digest(byte[] head, byte[] checkpoint) {
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(head.length).array();
    return Digest.sha256(length, head, checkpoint);
  }

  private static Saved read(byte[] content) {
    ByteBuffer in = ByteBuffer.wrap(content);
    if (in.remaining() < FIXED_BYTES || in.getInt() != MAGIC || in.getInt() != VERSION) {
      throw new MalformedBytes("it is no checkpoint of this version");
    }
    byte[] digest = new byte[Digest.BYTES];
    in.get(digest);
    int headBytes = in.getInt();
    if (headBytes < 0 || headBytes > Math.min(MOST_HEAD_BYTES, in.remaining())) {
      throw new MalformedBytes("its head has " + headBytes + " bytes");
    }
    byte[] head = new byte[headBytes];
    in.get(head);
    byte[] checkpoint = new byte[in.remaining()];
    in.get(checkpoint);
    if (!digest(head, checkpoint).equals(Digest.of(digest))) {
      throw new MalformedBytes("it is damaged");
    }
    ByteSource source = new ByteSource(head);
    return new Saved(
        ValueCodecs.TASK_ID.read(source),
        source.getLong(),
        Digest.of(source.getBytes(Digest.BYTES)),
        source.getInt(),
        checkpoint);
  }

  /** No lease needs it any more. */
  synchronized void clear() throws IOException {
    Files.deleteIfExists(file);
  }
}
