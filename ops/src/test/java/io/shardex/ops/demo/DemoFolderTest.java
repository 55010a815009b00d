package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
  @TempDir private Path home;

  // JUnit fills the folder in before each test.
  @SuppressWarnings("NullAway.Init")
  DemoFolderTest() {}

  @Test
  void theDefaultFolderIsMadeAnew() throws IOException {
    try (DemoFolder first = DemoFolder.open(Optional.empty(), home)) {
      first.prepare();
      Files.createDirectories(first.path().resolve("node-1"));
      Files.writeString(first.path().resolve("node-1").resolve("log"), "old");
    }

    try (DemoFolder second = DemoFolder.open(Optional.empty(), home)) {
      assertTrue(Files.exists(second.path().resolve("node-1")), "not before it is prepared");
      second.prepare();
      assertFalse(Files.exists(second.path().resolve("node-1")));
      assertEquals("shardex.demo/1", Files.readString(second.path().resolve("format")).strip());
    }
  }

  @Test
  void aFolderOfAnotherFormatIsNeverEmptied() throws IOException {
    Path folder = Files.createDirectories(home.resolve("demo"));
    Files.writeString(folder.resolve("format"), "shardex.demo/2\n");

    assertTrouble(Optional.empty(), "is of format 'shardex.demo/2', and this Shardex knows only");
    assertTrue(Files.exists(folder.resolve("format")));
  }

  @Test
  void aFolderThatIsNoStateFolderIsNeverEmptied() throws IOException {
    Path folder = Files.createDirectories(home.resolve("holiday"));
    Files.writeString(folder.resolve("photo"), "x");

    assertTrouble(Optional.of(folder), "is not empty and holds no demo's state");
    assertTrue(Files.exists(folder.resolve("photo")));
  }

  @Test
  void aNamedFolderIsNotUsedTwice() throws IOException {
    Path folder = home.resolve("net");
    try (DemoFolder first = DemoFolder.open(Optional.of(folder), home)) {
      first.prepare();
    }

    assertTrouble(Optional.of(folder), "holds the state of an earlier demo");
  }

  @Test
  void twoDemosDoNotShareAFolder() throws IOException {
    try (DemoFolder first = DemoFolder.open(Optional.empty(), home)) {
      assertTrouble(Optional.empty(), "another demo is running in " + first.path());
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedWithTheReason() throws IOException {
    Path file = Files.writeString(home.resolve("file"), "x");

    assertTrouble(Optional.of(file.resolve("net")), "cannot be written: ");
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.writeString(home.resolve("file"), "x");

    assertTrouble(Optional.of(file), "is not a folder");
  }

  private void assertTrouble(Optional<Path> named, String part) {
    Trouble trouble = assertThrows(Trouble.class, () -> DemoFolder.open(named, home));
    assertTrue(trouble.what().contains(part), trouble.what());
  }
}
