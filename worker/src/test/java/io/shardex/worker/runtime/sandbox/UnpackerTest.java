package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackerTest {
  private static final Unpacker.Bounds BOUNDS = new Unpacker.Bounds(1 << 20, 100);

  @TempDir Path folder;
  private Path root;
  private Path outside;

  @BeforeEach
  void make() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    outside = Files.writeString(folder.resolve("outside"), "mine");
  }

  @Test
  void aTreeIsUnpackedPlainOrGzipped() throws Exception {
    TarMaker tar =
        new TarMaker()
            .folder("usr")
            .file("usr/bin/tool", new byte[] {'#', '!'}, 04755)
            .link("bin", "usr/bin")
            .hardLink("usr/bin/same", "usr/bin/tool");
    byte[] bytes = tar.bytes();

    for (byte[] packed : List.of(bytes, TarMaker.gzip(bytes))) {
      unpack(packed);
      assertEquals("#!", Files.readString(root.resolve("bin/same")));
      // Neither set-user-id nor the packer's own idea of who may read.
      assertEquals(
          "rwxr-xr-x",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("bin/tool"))));
    }
  }

  @Test
  void namesThatClimbOutAreRefused() throws Exception {
    for (String name : List.of("../outside", "a/../../outside", "/etc/x", "a/../b")) {
      refused(new TarMaker().file(name, "theirs"), "leads out of the archive's folder");
    }
    assertEquals("mine", Files.readString(outside));
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    refused(
        new TarMaker().link("d", folder.toString()).file("d/outside", "theirs"),
        "leads through the link 'd'");
    refused(
        new TarMaker().link("e", "..").file("e/outside", "theirs"), "leads through the link 'e'");
    refused(new TarMaker().link("f", "..").folder("f/x"), "leads through the link 'f'");
    refused(
        new TarMaker().link("g", "..").hardLink("mine", "g/outside"), "leads through the link 'g'");

    // A link in the place of a file is replaced, not followed.
    unpack(new TarMaker().link("x", outside.toString()).file("x", "theirs").bytes());

    assertEquals("mine", Files.readString(outside));
    assertEquals("theirs", Files.readString(root.resolve("x")));
    assertFalse(Files.isSymbolicLink(root.resolve("x")));
  }

  @Test
  void hardLinksLeadToFilesOfTheArchiveOnly() throws Exception {
    refused(new TarMaker().hardLink("x", "../outside"), "leads out of");
    refused(new TarMaker().hardLink("x", "nothing"), "no file of the archive");
    refused(new TarMaker().link("l", outside.toString()).hardLink("x", "l"), "no file of");
  }

  @Test
  void devicesAndPipesAreLeftOut() throws Exception {
    unpack(
        new TarMaker()
            .special("dev/sda", TarConstants.LF_BLK)
            .special("dev/mem", TarConstants.LF_CHR)
            .special("pipe", TarConstants.LF_FIFO)
            .file("last", "x")
            .bytes());

    assertEquals(List.of("last"), names());
  }

  @Test
  void aSmallArchiveCannotBecomeALargeTree() {
    byte[] zeros = new byte[200 << 10];
    TarMaker large = new TarMaker();
    for (int i = 0; i < 6; i++) {
      large.file("f" + i, zeros, 0644);
    }
    byte[] bomb = TarMaker.gzip(large.bytes());
    assertTrue(bomb.length < 4_096);
    assertTrue(message(bomb).contains("more than 1048576 bytes"), message(bomb));

    TarMaker many = new TarMaker();
    for (int i = 0; i < 101; i++) {
      many.file("f" + i, "");
    }
    assertTrue(message(many.bytes()).contains("more than 100 entries"));

    // Folders that no entry names are entries all the same.
    TarMaker deep = new TarMaker();
    for (int i = 0; i < 10; i++) {
      deep.file(i + "/" + "d/".repeat(20) + "f", "");
    }
    assertTrue(message(deep.bytes()).contains("more than 100 entries"));
    assertTrue(
        message(new TarMaker().file("d/".repeat(129) + "f", "").bytes()).contains("deeper than"));
  }

  @Test
  void damageIsNamed() {
    byte[] noise = new byte[2_048];
    Arrays.fill(noise, (byte) 'x');
    assertThrows(IOException.class, () -> unpack(noise));

    byte[] cut = Arrays.copyOf(new TarMaker().file("f", "x".repeat(5_000)).bytes(), 2_000);
    assertThrows(IOException.class, () -> unpack(cut));
  }

  @Test
  void layersTakeAwayWhatLowerOnesBrought() throws Exception {
    Unpacker unpacker = new Unpacker(root, BOUNDS);
    layer(unpacker, new TarMaker().file("a/one", "1").file("a/two", "2").file("b/three", "3"));
    layer(
        unpacker,
        new TarMaker().file("a/.wh.one", "").file("b/.wh..wh..opq", "").file("b/four", "4"));

    assertEquals(List.of("a", "a/two", "b", "b/four"), names());
    SandboxFailure failure =
        assertThrows(
            SandboxFailure.class, () -> layer(unpacker, new TarMaker().file("x/.wh...", "")));
    assertTrue(failure.getMessage().contains("no name of a file"), failure::getMessage);
    assertEquals("mine", Files.readString(outside));
  }

  private static void layer(Unpacker unpacker, TarMaker tar) throws Exception {
    unpacker.unpack(new ByteArrayInputStream(tar.bytes()), true);
  }

  private void unpack(byte[] tar) throws Exception {
    new Unpacker(root, BOUNDS).unpack(new ByteArrayInputStream(tar), false);
  }

  private void refused(TarMaker tar, String why) {
    String message = message(tar.bytes());
    assertTrue(message.contains(why), message);
  }

  private String message(byte[] tar) {
    return assertThrows(SandboxFailure.class, () -> unpack(tar)).getMessage();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
          .map(path -> root.relativize(path).toString())
          .filter(name -> !name.isEmpty())
          .sorted()
          .toList();
    }
  }
}
