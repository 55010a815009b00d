package io.shardex.scheduler;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A note beside a validator's key, outside its state folder, that it has voted in a network. Raft
 * counts on a voter's memory: one that lost its disk must not vote under its old name again, as it
 * may have voted already.
 *
 * @param network where it has voted, {@code NetworkId}'s text
 * @param replacements how often the node took a new name in the Raft group; 0 for the first
 */
public record VoteMark(String network, int replacements) {
  private static final String FORMAT = "shardex.voted/1";

  /** The node's name in the Raft group: that of the network file, but for replacements. */
  String peer(String node) {
    return replacements == 0 ? node : node + "." + replacements;
  }

  /** The mark of a node that starts anew under another name. */
  VoteMark replaced() {
    return new VoteMark(network, replacements + 1);
  }

  static Optional<VoteMark> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    try {
      if (lines.size() != 3 || !lines.getFirst().equals(FORMAT)) {
        throw new IllegalArgumentException("it is not of format " + FORMAT);
      }
      return Optional.of(new VoteMark(lines.get(1), Integer.parseInt(lines.get(2))));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " cannot be understood: " + e.getMessage(), e);
    }
  }

  /** Written through to the disk before the node votes. */
  void write(Path file) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    byte[] text =
        "%s%n%s%n%d%n".formatted(FORMAT, network, replacements).getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(text);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
