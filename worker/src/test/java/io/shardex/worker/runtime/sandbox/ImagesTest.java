package io.shardex.worker.runtime.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
  private static final String ONE = "1".repeat(64);
  private static final String TWO = "2".repeat(64);

  /** Two images of a file of one block each. */
  private static final long TWO_SMALL = 2 * 4_096;

  @TempDir Path folder;
  private Images images;
  private int opened;

  @BeforeEach
  void open() throws Exception {
    images = Images.open(folder, 1 << 20, 100, TWO_SMALL);
  }

  @Test
  void anImageIsUnpackedOnce() throws Exception {
    byte[] tar = new TarMaker().file("hello", "world").bytes();

    try (Images.Held first = hold(ONE, Images.Format.TAR, tar);
        Images.Held second = hold(ONE, Images.Format.TAR, tar)) {
      assertEquals(first.root(), second.root());
      assertEquals("world", Files.readString(second.root().resolve("hello")));
    }

    assertEquals(1, opened);
  }

  @Test
  void whatIsInUseStaysAndWhatIsOldGoes() throws Exception {
    try (Images.Held used = hold(ONE, Images.Format.TAR, new TarMaker().file("a", "").bytes())) {
      hold(TWO, Images.Format.TAR, new TarMaker().file("b", "").bytes()).close();
      hold("3".repeat(64), Images.Format.TAR, new TarMaker().file("c", "").bytes()).close();
      hold("4".repeat(64), Images.Format.TAR, new TarMaker().file("d", "").bytes()).close();

      assertTrue(Files.exists(used.root().resolve("a")));
      assertEquals(2, count());
      assertTrue(images.has("4".repeat(64), Images.Format.TAR));
    }
  }

  @Test
  void howManyAreKeptIsAMatterOfTheirBytes() throws Exception {
    hold(ONE, Images.Format.TAR, new TarMaker().file("a", "").bytes()).close();
    hold(TWO, Images.Format.TAR, new TarMaker().file("b", new byte[4_097], 0644).bytes()).close();

    assertEquals(false, images.has(ONE, Images.Format.TAR));
    assertEquals("8192", Files.readString(folder.resolve(TWO + "-tar/bytes")));
  }

  @Test
  void anArchiveReadInTwoWaysIsTwoImages() throws Exception {
    byte[] layer = new TarMaker().file("a", "1").bytes();
    byte[] archive = layout(layer, layer, false);

    try (Images.Held tar = hold(ONE, Images.Format.TAR, archive);
        Images.Held oci = hold(ONE, Images.Format.OCI, archive)) {
      assertTrue(Files.exists(tar.root().resolve("index.json")));
      assertTrue(Files.exists(oci.root().resolve("a")));
    }
  }

  @Test
  void whatAnEarlierLayoutKeptIsRemoved() throws Exception {
    Files.createDirectories(folder.resolve(ONE).resolve("usr"));
    Files.createDirectories(folder.resolve(TWO + "-tar").resolve("usr"));

    images = Images.open(folder, 1 << 20, 100, TWO_SMALL);

    assertEquals(0, count());
  }

  @Test
  void aRefusedImageLeavesNothing() throws Exception {
    assertThrows(
        SandboxFailure.class,
        () -> hold(ONE, Images.Format.TAR, new TarMaker().file("../x", "").bytes()));

    assertEquals(0, count());
  }

  @Test
  void halvesOfAnEarlierProcessAreRemoved() throws Exception {
    Files.createDirectories(folder.resolve(ONE + ".part/usr"));

    images = Images.open(folder, 1 << 20, 100, TWO_SMALL);

    assertEquals(0, count());
  }

  @Test
  void placesForMountsMustBeFolders() {
    SandboxFailure failure =
        assertThrows(
            SandboxFailure.class,
            () -> hold(ONE, Images.Format.TAR, new TarMaker().link("shardex", "/etc").bytes()));

    assertEquals("/shardex of the image is no folder", failure.getMessage());
  }

  @Test
  void anOciImageIsItsLayersOverEachOther() throws Exception {
    byte[] low = TarMaker.gzip(new TarMaker().file("a", "1").file("b", "1").bytes());
    byte[] high = new TarMaker().file("b", "2").file(".wh.a", "").bytes();

    try (Images.Held image = hold(ONE, Images.Format.OCI, layout(low, high, false))) {
      assertEquals("2", Files.readString(image.root().resolve("b")));
      assertTrue(Files.notExists(image.root().resolve("a")));
    }
  }

  @Test
  void aLayerWithOtherBytesIsRefused() {
    byte[] layer = new TarMaker().file("a", "1").bytes();

    SandboxFailure failure =
        assertThrows(
            SandboxFailure.class, () -> hold(ONE, Images.Format.OCI, layout(layer, layer, true)));

    assertTrue(failure.getMessage().endsWith("of the image has other bytes"), failure::getMessage);
  }

  @Test
  void whatIsNoLayoutIsNamed() {
    SandboxFailure failure =
        assertThrows(
            SandboxFailure.class,
            () -> hold(ONE, Images.Format.OCI, new TarMaker().file("a", "1").bytes()));

    assertEquals("the image's archive has no index.json", failure.getMessage());
  }

  /** A layout of two layers, the second tampered with if asked. */
  private static byte[] layout(byte[] low, byte[] high, boolean tampered) throws Exception {
    String manifest =
        "{\"layers\":[%s,%s]}"
            .formatted(
                descriptor("application/vnd.oci.image.layer.v1.tar+gzip", low),
                descriptor("application/vnd.oci.image.layer.v1.tar", high));
    byte[] bytes = manifest.getBytes(UTF_8);
    String index =
        "{\"manifests\":[{\"digest\":\"sha256:%s\",\"platform\":{\"os\":\"plan9\"}},%s]}"
            .formatted(ONE, descriptor("application/vnd.oci.image.manifest.v1+json", bytes));
    byte[] written = tampered ? new TarMaker().file("a", "evil").bytes() : high;
    return new TarMaker()
        .file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
        .file("blobs/sha256/" + sha256(low), low, 0644)
        .file("blobs/sha256/" + sha256(high), written, 0644)
        .file("blobs/sha256/" + sha256(bytes), bytes, 0644)
        .file("index.json", index)
        .bytes();
  }

  private static String descriptor(String type, byte[] blob) throws Exception {
    return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
        .formatted(type, sha256(blob), blob.length);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private Images.Held hold(String digest, Images.Format format, byte[] tar) throws Exception {
    return images.hold(
        digest,
        format,
        () -> {
          opened++;
          return new ByteArrayInputStream(tar);
        });
  }

  private int count() throws Exception {
    try (Stream<Path> found = Files.list(folder)) {
      return List.copyOf(found.toList()).size();
    }
  }
}
