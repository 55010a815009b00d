package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoleFileTest {
  private static final SortedSet<String> KNOWN =
      new TreeSet<>(List.of("network", "key", "passphrase-file", "state", "grid.region"));

  @TempDir private Path folder;

  @Test
  void anUnknownKeyNamesTheNearestKnownOne() {
    Trouble trouble = refused("stat = \"here\"");

    assertEquals(ExitCode.USAGE, trouble.code());
    assertTrue(
        trouble.what().contains("unknown key 'stat'; the nearest known one is 'state'"),
        trouble.what());
  }

  @Test
  void aMissingFileIsNamed() {
    Trouble trouble =
        assertThrows(Trouble.class, () -> RoleFile.read(folder.resolve("none.conf"), KNOWN));

    assertTrue(trouble.what().contains("there is no config file"), trouble.what());
  }

  @Test
  void whatIsNoHoconIsRefused() {
    assertTrue(refused("state = [").what().contains("cannot be read"));
  }

  @Test
  void pathsAreRelativeToTheFile() throws IOException {
    RoleFile file = read("state = \"../node-1\", grid.region = 64MiB");

    assertEquals(folder.resolveSibling("node-1"), file.file("state"));
    assertEquals(64L << 20, file.bytes("grid.region", 1));
    assertEquals(7, file.bytes("key", 7));
  }

  @Test
  void aMissingKeyIsNamed() throws IOException {
    RoleFile file = read("state = x");

    Trouble trouble = assertThrows(Trouble.class, () -> file.text("network"));
    assertTrue(trouble.what().contains("'network' is missing"), trouble.what());
  }

  @Test
  void aKeystoreThatOthersMayReadIsRefused() throws IOException {
    Path key = Files.writeString(folder.resolve("key.json"), "{}");
    Path passphrase = Files.writeString(folder.resolve("pass"), "secret");
    Files.setPosixFilePermissions(
        passphrase, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    RoleFile file = read("key = \"%s\", passphrase-file = \"%s\"".formatted(key, passphrase));

    Trouble trouble = assertThrows(Trouble.class, file::key);
    assertTrue(trouble.what().contains("chmod 600"), trouble.what());
  }

  private enum Pace {
    SLOW,
    BRISK;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Test
  void aChoiceIsAValueByItsTextOrAWordThatStandsForNone() throws IOException {
    assertEquals(Optional.of(Pace.BRISK), read("state = brisk").chosen("state", Pace.values()));
    assertEquals(Optional.empty(), read("state = off").chosen("state", Pace.values(), "off"));
    assertEquals(Optional.empty(), read("key = x").chosen("state", Pace.values()));
  }

  @Test
  void aChoiceThatIsNoneNamesThemAll() throws IOException {
    RoleFile file = read("state = BRISK");

    Trouble trouble = assertThrows(Trouble.class, () -> file.chosen("state", Pace.values(), "off"));
    assertEquals(
        folder.resolve("role.conf") + ": 'state': expected off, slow or brisk, but it is 'BRISK'",
        trouble.what());
  }

  private RoleFile read(String text) throws IOException {
    return RoleFile.read(Files.writeString(folder.resolve("role.conf"), text), KNOWN);
  }

  private Trouble refused(String text) {
    return assertThrows(Trouble.class, () -> read(text));
  }
}
