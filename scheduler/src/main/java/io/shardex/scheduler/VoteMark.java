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
import java.util.OptionalInt;

/**
 * A note beside a validator's key, outside its state folder, that it has voted in a network, and as
 * which incarnation. Raft counts on a voter's memory: one that lost its disk must not vote under
 * its old name again, as it may have voted already.
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
   * Finds a node's place in the Raft group, before each of its starts.
   *
   * @throws LostLog if the node has voted in this network, but has no log
   */
  RaftPlace place(NodeConfig config) throws IOException {
    OptionalInt voted = incarnation();
    RaftPlace place = new RaftPlace(config, voted.orElse(0));
    if (voted.isPresent() && !place.holdsLog()) {
      throw new LostLog(config.id(), place.folder(), file);
    }
    return place;
  }

  /** How often the node was replaced; empty if it has never voted in this network. */
  OptionalInt incarnation() throws IOException {
    if (!Files.exists(file)) {
      return OptionalInt.empty();
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() != 3
        || !lines.getFirst().equals(FORMAT)
        || !lines.getLast().matches("0|[1-9][0-9]{0,8}")) {
      throw new IOException(file + " cannot be understood: it is not of format " + FORMAT);
    }
    return lines.get(1).equals(network.toString())
        ? OptionalInt.of(Integer.parseInt(lines.getLast()))
        : OptionalInt.empty();
  }

  /**
   * To be called at each start once there is a log, before the node votes: remembers it. In the
   * other order a start that is interrupted in between would leave a node that looks as if it had
   * lost its log.
   */
  void write(int incarnation) throws IOException {
    if (incarnation().equals(OptionalInt.of(incarnation))) {
      return;
    }
    write(FORMAT + "\n" + network + "\n" + incarnation + "\n");
  }

  /** Through to the disk, whole or not at all. */
  private void write(String text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
