package io.shardex.scheduler;

import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A note beside a validator's key, outside its state folder, that it has voted in a network. Raft
 * counts on a voter's memory: one that lost its disk must not vote under its old name again, as it
 * may have voted already.
 */
final class VoteMark {
  private static final String FORMAT = "shardex.voted/1";

  private final Path file;
  private final NetworkId network;

  VoteMark(Path file, NetworkId network) {
    this.file = file;
    this.network = network;
  }

  /**
   * To be called before each start: remembers the first one.
   *
   * @param node its name, for the message
   * @param log where its log should be
   * @throws LostLog if the node has voted in this network, but {@code holdsLog} is false
   */
  void beforeStart(String node, Path log, boolean holdsLog) throws IOException {
    if (hasVoted()) {
      if (!holdsLog) {
        throw new LostLog(node, log, file);
      }
    } else {
      write();
    }
  }

  private boolean hasVoted() throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() != 2 || !lines.getFirst().equals(FORMAT)) {
      throw new IOException(file + " cannot be understood: it is not of format " + FORMAT);
    }
    return lines.getLast().equals(network.toString());
  }

  /** Through to the disk, whole or not at all. */
  private void write() throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left =
          ByteBuffer.wrap((FORMAT + "\n" + network + "\n").getBytes(StandardCharsets.UTF_8));
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
