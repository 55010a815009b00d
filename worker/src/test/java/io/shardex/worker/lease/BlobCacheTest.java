package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.worker.FakeNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;

  @TempDir Path folder = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final byte[] content = content(3 * CHUNK + 17);
  private final Digest blob = network.store(content);
  private Instant now = Instant.EPOCH;
  private final InstantSource clock = () -> now = now.plusSeconds(1);

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private BlobCache open(long quotaBytes) throws IOException {
    return BlobCache.open(network, folder, quotaBytes, clock);
  }

  private byte[] range(BlobCache cache, long offset, int length) throws LeaseFailure {
    return cache.range(blob, content.length, offset, length);
  }

  @Test
  void everyRangeIsThePartOfTheBlob() throws Exception {
    BlobCache cache = open(10 * CHUNK);
    int[][] ranges = {
      {0, 1},
      {CHUNK - 1, 2},
      {5, 2 * CHUNK},
      {CHUNK, CHUNK},
      {3 * CHUNK, 17},
      {0, content.length},
      {content.length - 1, 1}
    };
    for (int[] range : ranges) {
      assertArrayEquals(
          Arrays.copyOfRange(content, range[0], range[0] + range[1]),
          range(cache, range[0], range[1]));
    }
  }

  @Test
  void onlyMissingChunksAreFetchedAlsoAfterARestart() throws Exception {
    range(open(10 * CHUNK), CHUNK, 1);
    assertEquals(List.of(blob + "+" + CHUNK), network.takeFetched());

    range(open(10 * CHUNK), 0, content.length);
    assertEquals(List.of(blob + "+0", blob + "+" + 2 * CHUNK), network.takeFetched());
  }

  @Test
  void aDamagedPieceIsFetchedAgain() throws Exception {
    BlobCache cache = open(10 * CHUNK);
    range(cache, 0, 10);
    Path piece = folder.resolve(blob.hex() + "-0");
    byte[] bytes = Files.readAllBytes(piece);
    bytes[100] ^= 1;
    Files.write(piece, bytes);

    assertArrayEquals(Arrays.copyOf(content, 10), range(cache, 0, 10));
    assertEquals(2, network.takeFetched().size());
    Files.delete(piece);
    assertArrayEquals(Arrays.copyOf(content, 10), range(cache, 0, 10));
    assertEquals(1, network.takeFetched().size());
  }

  @Test
  void theLeastRecentlyUsedGoesFirstAndTheQuotaHolds() throws Exception {
    long quota = 2 * CHUNK + 200;
    BlobCache cache = open(quota);
    range(cache, 0, 1);
    range(cache, CHUNK, 1);
    range(cache, 0, 1);
    range(cache, 2 * CHUNK, 1);
    network.takeFetched();

    range(cache, 0, 1);
    assertEquals(List.of(), network.takeFetched());
    range(cache, CHUNK, 1);
    assertEquals(1, network.takeFetched().size());
    assertTrue(cache.usedBytes() <= quota);
    try (var files = Files.list(folder)) {
      assertEquals(cache.usedBytes(), files.mapToLong(file -> file.toFile().length()).sum());
    }
    assertTrue(open(CHUNK + 100).usedBytes() <= CHUNK + 100);
  }

  @Test
  void whatIsLongerThanTheQuotaIsNotKept() throws Exception {
    BlobCache cache = open(10);
    assertArrayEquals(Arrays.copyOf(content, 10), range(cache, 0, 10));
    assertArrayEquals(content, cache.whole(blob, content.length));
    assertEquals(0, cache.usedBytes());
  }

  @Test
  void aBlobOfAnotherLengthThanDescribedIsRefused() throws Exception {
    BlobCache cache = open(10 * CHUNK);
    assertThrows(LeaseFailure.class, () -> cache.range(blob, content.length + 5, 3 * CHUNK, 20));
    assertThrows(LeaseFailure.class, () -> cache.range(blob, content.length, 3 * CHUNK, 18));
  }
}
