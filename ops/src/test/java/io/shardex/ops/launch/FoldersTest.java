package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
  @TempDir private Path dir;

  @Test
  void aFolderGoesWithAllThatIsInItButWhatALinkPointsTo() throws IOException {
    Path outside = Files.writeString(dir.resolve("outside"), "stays");
    Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
    Path other = Files.writeString(elsewhere.resolve("file"), "stays too");
    Path folder = dir.resolve("folder");
    Files.writeString(Files.createDirectories(folder.resolve("a/b")).resolve("file"), "goes");
    Files.createSymbolicLink(folder.resolve("to-file"), outside);
    Files.createSymbolicLink(folder.resolve("to-folder"), elsewhere);

    Folders.remove(folder);

    assertFalse(Files.exists(folder));
    assertEquals("stays", Files.readString(outside));
    assertEquals("stays too", Files.readString(other));
  }

  @Test
  void aFolderThatIsNotThereNeedNotGo() {
    assertDoesNotThrow(() -> Folders.remove(dir.resolve("none")));
  }
}
