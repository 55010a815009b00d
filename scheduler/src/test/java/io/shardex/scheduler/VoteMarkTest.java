package io.shardex.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VoteMarkTest {
  private static final NetworkId NETWORK = new NetworkId(31_337, new Address(1, 2, 3));
  private static final NetworkId OTHER = new NetworkId(1, new Address(1, 2, 3));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("node-1.voted");
  }

  @Test
  void aNodeThatHasVotedNeedsItsLog() throws IOException {
    start(NETWORK, false);
    start(NETWORK, true);

    LostLog lost = assertThrows(LostLog.class, () -> start(NETWORK, false));
    assertEquals(
        "node-1 has voted in this network before, says %s, but %s holds no log"
            .formatted(file, folder.resolve("raft")),
        lost.getMessage());
  }

  @Test
  void aLogWithoutAMarkIsMarked() throws IOException {
    start(NETWORK, true);

    assertThrows(LostLog.class, () -> start(NETWORK, false));
  }

  @Test
  void aKeyMayFoundAnotherNetwork() throws IOException {
    start(OTHER, false);
    start(NETWORK, false);

    assertThrows(LostLog.class, () -> start(NETWORK, false));
  }

  @Test
  void aDamagedMarkIsNoFirstStart() throws IOException {
    Files.writeString(file, "shardex.voted/1\n");

    IOException refused = assertThrows(IOException.class, () -> start(NETWORK, false));
    assertTrue(String.valueOf(refused.getMessage()).contains("node-1.voted"));
  }

  private void start(NetworkId network, boolean holdsLog) throws IOException {
    new VoteMark(file, network).beforeStart("node-1", folder.resolve("raft"), holdsLog);
  }
}
