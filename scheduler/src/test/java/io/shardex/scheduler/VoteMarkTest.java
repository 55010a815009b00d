package io.shardex.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VoteMarkTest {
  @TempDir private Path folder;

  @Test
  void aMarkIsReadAsItWasWritten() throws IOException {
    VoteMark mark = new VoteMark("eip155:1:0xaa", 2);
    Path file = folder.resolve("node-1.voted");

    mark.write(file);

    assertEquals(Optional.of(mark), VoteMark.read(file));
    assertEquals(Optional.empty(), VoteMark.read(folder.resolve("none")));
  }

  @Test
  void aDamagedMarkIsNoFirstStart() throws IOException {
    Path file = Files.writeString(folder.resolve("node-1.voted"), "shardex.voted/1\n");

    IOException refused = assertThrows(IOException.class, () -> VoteMark.read(file));
    assertTrue(String.valueOf(refused.getMessage()).contains("node-1.voted"));
  }

  @Test
  void aReplacedNodeHasAnotherNameInTheGroup() {
    VoteMark first = new VoteMark("n", 0);

    assertEquals("node-1", first.peer("node-1"));
    assertEquals("node-1.1", first.replaced().peer("node-1"));
  }
}
