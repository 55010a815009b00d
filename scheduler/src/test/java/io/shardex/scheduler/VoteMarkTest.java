package io.shardex.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
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
  void itRemembersThatANodeHasVotedAndAsWhich() throws IOException {
    assertEquals(OptionalInt.empty(), mark(NETWORK).incarnation());
    mark(NETWORK).write(0);
    assertEquals(OptionalInt.of(0), mark(NETWORK).incarnation());
    mark(NETWORK).write(12);
    assertEquals(OptionalInt.of(12), mark(NETWORK).incarnation());
  }

  @Test
  void theMarkOfTheFirstReleaseIsRead() throws IOException {
    Files.writeString(file, "shardex.voted/1\n" + NETWORK + "\n0\n");

    assertEquals(OptionalInt.of(0), mark(NETWORK).incarnation());
  }

  @Test
  void aKeyMayFoundAnotherNetwork() throws IOException {
    mark(OTHER).write(2);

    assertEquals(OptionalInt.empty(), mark(NETWORK).incarnation());
  }

  @Test
  void aDamagedMarkIsNoFirstStart() throws IOException {
    for (String end : new String[] {"", NETWORK + "\n", NETWORK + "\nmany\n", NETWORK + "\n00\n"}) {
      Files.writeString(file, "shardex.voted/1\n" + end);

      IOException refused = assertThrows(IOException.class, () -> mark(NETWORK).incarnation());
      assertTrue(String.valueOf(refused.getMessage()).contains("node-1.voted"));
    }
  }

  @Test
  void aPeersIdSaysWhoseItIs() {
    assertEquals(OptionalInt.of(0), RaftPlace.incarnation("node-2", "node-2"));
    assertEquals(OptionalInt.of(3), RaftPlace.incarnation("node-2", "node-2.3"));
    assertEquals(OptionalInt.empty(), RaftPlace.incarnation("node-2", "node-21"));
    assertEquals(OptionalInt.empty(), RaftPlace.incarnation("node-2", "node-1.2"));
  }

  private VoteMark mark(NetworkId network) {
    return new VoteMark(file, network);
  }
}
