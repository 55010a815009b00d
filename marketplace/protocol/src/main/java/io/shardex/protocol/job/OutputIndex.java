package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command job came to: the output of each of its instances, by blob id. Its own blob id is
 * the job's "model" in the market.
 *
 * <p>Canonical bytes, big-endian: {@code "SXO1"}, the number of outputs (int), and for each its
 * rank (int), blob id (32 bytes) and size (long).
 *
 * @param outputs by ascending rank; fewer than the job's shards if it ended early
 */
public record OutputIndex(List<Output> outputs) {
  /**
   * The tar of an instance's output folder.
   *
   * @param rank the instance: its shard, from 0
   * @param bytes its length, at most {@link CommandSpec.Limits#outputBytes}
   */
  public record Output(int rank, Digest blob, long bytes) {
    public Output {
      if (rank < 0 || bytes < 0 || bytes > Manifest.MAX_BYTES) {
        throw new IllegalArgumentException(
            "expected a rank and a size of 0 or more, but they are %d and %d"
                .formatted(rank, bytes));
      }
    }
  }

  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'O' << 8 | '1';
  private static final int HEAD_BYTES = 2 * Integer.BYTES;
  private static final int OUTPUT_BYTES = Integer.BYTES + Digest.BYTES + Long.BYTES;

  /** The most outputs an index has. */
  public static final int MAX_OUTPUTS = 10_000;

  /** The longest canonical bytes. */
  public static final int MAX_BYTES = HEAD_BYTES + MAX_OUTPUTS * OUTPUT_BYTES;

  public OutputIndex {
    outputs = List.copyOf(outputs);
    if (outputs.size() > MAX_OUTPUTS) {
      throw new IllegalArgumentException(
          "expected at most %d outputs, but there are %d".formatted(MAX_OUTPUTS, outputs.size()));
    }
    for (int i = 1; i < outputs.size(); i++) {
      if (outputs.get(i - 1).rank() >= outputs.get(i).rank()) {
        throw new IllegalArgumentException(
            "expected ascending ranks, but %d comes before %d"
                .formatted(outputs.get(i - 1).rank(), outputs.get(i).rank()));
      }
    }
  }

  /** The canonical bytes. */
  public byte[] encoded() {
    ByteBuffer out =
        ByteBuffer.allocate(HEAD_BYTES + outputs.size() * OUTPUT_BYTES)
            .putInt(MAGIC)
            .putInt(outputs.size());
    for (Output output : outputs) {
      out.putInt(output.rank()).put(output.blob().bytes()).putLong(output.bytes());
    }
    return out.array();
  }

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  public static OutputIndex decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      if (in.getInt() != MAGIC) {
        throw new IllegalArgumentException("these bytes are no index of outputs");
      }
      long count = in.getInt();
      if (in.remaining() != count * OUTPUT_BYTES) {
        throw new IllegalArgumentException(
            "%d outputs do not have %d bytes".formatted(count, in.remaining()));
      }
      List<Output> outputs = new ArrayList<>();
      while (in.hasRemaining()) {
        int rank = in.getInt();
        byte[] blob = new byte[Digest.BYTES];
        in.get(blob);
        outputs.add(new Output(rank, Digest.of(blob), in.getLong()));
      }
      return new OutputIndex(outputs);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the index of outputs is cut short", e);
    }
  }
}
