package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTarTest {
  private static final SortedMap<String, byte[]> NONE = new TreeMap<>();

  @TempDir Path folder;
  private Path out;
  private Path tar;

  @BeforeEach
  void make() throws Exception {
    out = Files.createDirectory(folder.resolve("out"));
    tar = folder.resolve("out.tar");
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws Exception {
    Files.createDirectories(out.resolve("sub"));
    Files.writeString(out.resolve("sub/b"), "2");
    Files.writeString(out.resolve("a"), "1");
    OutputTar.Packed packed = OutputTar.pack(out, NONE, tar, 1 << 20);
    byte[] first = Files.readAllBytes(tar);

    Files.setLastModifiedTime(out.resolve("a"), FileTime.fromMillis(12_345_678));
    OutputTar.pack(out, NONE, tar, 1 << 20);

    assertArrayEquals(first, Files.readAllBytes(tar));
    assertEquals(new OutputTar.Packed(2, 0, first.length), packed);
    assertEquals(List.of("out/", "out/a", "out/sub/", "out/sub/b"), names());
  }

  @Test
  void textsStandBesideTheFolder() throws Exception {
    SortedMap<String, byte[]> log = new TreeMap<>();
    log.put("log.txt", "done".getBytes(StandardCharsets.UTF_8));

    OutputTar.pack(out, log, tar, 1 << 20);

    assertEquals(List.of("log.txt", "out/"), names());
    assertThrows(SandboxFailure.class, () -> OutputTar.pack(out, log, tar, 4));
  }

  @Test
  void linksAreNotFollowed() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "the host's secret");
    Path hidden = Files.createDirectory(folder.resolve("hidden"));
    Files.writeString(hidden.resolve("key"), "the host's secret");
    Files.createSymbolicLink(out.resolve("model"), secret);
    Files.createSymbolicLink(out.resolve("sub"), hidden);
    Files.writeString(out.resolve("honest"), "x");

    OutputTar.Packed packed = OutputTar.pack(out, NONE, tar, 1 << 20);

    assertEquals(2, packed.leftOut());
    assertEquals(List.of("out/", "out/honest"), names());
    assertFalse(
        new String(Files.readAllBytes(tar), StandardCharsets.ISO_8859_1).contains("secret"));
  }

  @Test
  void tooMuchIsRefusedUnread() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(out.resolve("x").toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }

    SandboxFailure failure =
        assertThrows(SandboxFailure.class, () -> OutputTar.pack(out, NONE, tar, 1 << 20));

    assertTrue(failure.getMessage().contains("too large"), failure::getMessage);
    assertTrue(Files.notExists(tar));
  }

  @Test
  void theBoundHoldsForWhatIsWritten() throws Exception {
    for (int i = 0; i < 40; i++) {
      Files.writeString(out.resolve("f" + i), "x".repeat(600));
    }
    assertTheBoundHolds();
  }

  /** They stand in blocks of their own beside the headers. */
  @Test
  void theBoundHoldsForLongNamesToo() throws Exception {
    for (int i = 0; i < 100; i++) {
      Files.writeString(out.resolve(i + "\u20ac".repeat(80)), "x");
    }
    assertTheBoundHolds();
  }

  private void assertTheBoundHolds() throws Exception {
    long size = OutputTar.pack(out, NONE, tar, 1 << 20).bytes();

    for (long most = size - 20_000; most < size; most += 1_000) {
      long bound = most;
      assertThrows(SandboxFailure.class, () -> OutputTar.pack(out, NONE, tar, bound));
    }
  }

  @Test
  void aFoldersContentIsPackedUnderItsOwnNames() throws Exception {
    Files.createDirectories(out.resolve("sub/empty"));
    assertEquals(new OutputTar.Packed(0, 0, 0), OutputTar.pack(out, tar, 1 << 20));
    assertTrue(Files.notExists(tar));

    Files.writeString(out.resolve("sub/a"), "1");
    OutputTar.Packed packed = OutputTar.pack(out, tar, 1 << 20);

    assertEquals(1, packed.files());
    assertEquals(List.of("sub/", "sub/a", "sub/empty/"), names());
  }

  private List<String> names() throws Exception {
    List<String> names = new ArrayList<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      TarArchiveEntry entry;
      while ((entry = in.getNextEntry()) != null) {
        names.add(entry.getName());
      }
    }
    return names;
  }
}
