package io.shardex.protocol.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17})
  void aManifestSurvivesItsBytes(int length) {
    Manifest manifest = Manifest.of(content(length));

    assertEquals(manifest, Manifest.decode(manifest.encoded()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17})
  void theSlicesOfABlobAreItsContentAndVerify(int length) {
    byte[] content = content(length);
    Manifest manifest = Manifest.of(content);
    byte[] joined = new byte[length];

    for (int i = 0; i < manifest.chunks().size(); i++) {
      byte[] chunk = manifest.slice(content, i);
      manifest.verifyChunk(i, chunk);
      System.arraycopy(chunk, 0, joined, (int) manifest.chunkOffset(i), chunk.length);
    }

    assertArrayEquals(content, joined);
  }

  @Test
  void equalContentHasAnEqualNameAndOtherContentAnother() {
    byte[] content = content(CHUNK + 5);
    byte[] other = content.clone();
    other[CHUNK + 4] ^= 1;

    assertEquals(Manifest.of(content).id(), Manifest.of(content.clone()).id());
    assertNotEquals(Manifest.of(content).id(), Manifest.of(other).id());
  }

  @Test
  void theNameOfTheEmptyBlobIsGolden() {
    // printf 'SXB1\0\020\0\0\0\0\0\0\0\0\0\0' | sha256sum
    assertEquals(
        "ce775596b6a8635fb1954d94f716f6802ea49e4197e86f244874012b0ec4169f",
        Manifest.of(new byte[0]).id().hex());
  }

  @Test
  void truncatedBytesAreNoManifest() {
    byte[] bytes = Manifest.of(content(2 * CHUNK)).encoded();

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(MalformedBlob.class, () -> Manifest.decode(cut));
    }
  }

  @Test
  void trailingBytesAreNoManifest() {
    byte[] bytes = Manifest.of(content(1)).encoded();

    refused("has 48 bytes, but this one has 49", Arrays.copyOf(bytes, bytes.length + 1));
  }

  @Test
  void anotherMagicIsNoManifest() {
    byte[] bytes = Manifest.of(content(1)).encoded();
    bytes[3] = '2';

    refused("starts with SXB1", bytes);
  }

  @Test
  void anotherChunkSizeIsRefused() {
    byte[] bytes = Manifest.of(content(1)).encoded();
    bytes[7] = 1;

    refused("but this manifest says 1048577", bytes);
  }

  @Test
  void aHugeOrNegativeLengthIsRefusedBeforeAnythingIsAllocated() {
    byte[] bytes = Manifest.of(content(1)).encoded();
    bytes[9] = 127;
    refused("but this one claims", bytes);

    bytes[8] = -1;
    refused("but this one claims -", bytes);
  }

  @Test
  void aManifestListsAsManyChunksAsItsLengthNeeds() {
    MalformedBlob refusal =
        assertThrows(
            MalformedBlob.class,
            () -> new Manifest(CHUNK + 1, List.of(Digest.sha256(new byte[1]))));

    assertEquals(
        "a blob of 1048577 bytes has 2 chunks, but its manifest lists 1", refusal.getMessage());
  }

  @Test
  void aChunkOfAnotherLengthDigestOrPlaceIsRefused() {
    byte[] content = content(2 * CHUNK);
    Manifest manifest = Manifest.of(content);
    byte[] first = manifest.slice(content, 0);

    assertThrows(MalformedBlob.class, () -> manifest.verifyChunk(1, first));
    assertThrows(MalformedBlob.class, () -> manifest.verifyChunk(2, first));
    assertThrows(MalformedBlob.class, () -> manifest.verifyChunk(-1, first));
    assertThrows(
        MalformedBlob.class, () -> manifest.verifyChunk(0, Arrays.copyOf(first, CHUNK - 1)));
  }

  private static void refused(String expected, byte[] bytes) {
    String said =
        String.valueOf(
            assertThrows(MalformedBlob.class, () -> Manifest.decode(bytes)).getMessage());
    assertTrue(said.contains(expected), said);
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
