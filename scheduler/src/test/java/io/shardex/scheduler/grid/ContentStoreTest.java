package io.shardex.scheduler.grid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.blob.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentStoreTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;
  private static final Duration TTL = Duration.ofHours(1);

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final MapGrid grid = new MapGrid(new BlobQuota(5L * CHUNK, 8L * CHUNK), TTL, () -> now);

  @Test
  void aStoredBlobIsReadBack() {
    for (int length : new int[] {0, 1, CHUNK, 2 * CHUNK + 3}) {
      byte[] content = content(length, length);
      assertArrayEquals(content, grid.load(grid.store("builder", content)).orElseThrow());
    }
  }

  @Test
  void anUploadIsToldWhichChunksAreMissing() {
    byte[] content = content(2 * CHUNK + 3, 1);
    Manifest manifest = Manifest.of(content);

    assertEquals(new BlobStat.Absent(), grid.stat(manifest.id()));
    assertEquals(List.of(0, 1, 2), grid.announce("builder", manifest));
    grid.put(manifest, 1, manifest.slice(content, 1));

    assertEquals(new BlobStat.Partial(content.length, List.of(0, 2)), grid.stat(manifest.id()));
    assertTrue(grid.load(manifest.id()).isEmpty());
    assertEquals(List.of(0, 2), grid.announce("builder", manifest));
  }

  @Test
  void chunksThatAnotherBlobBroughtAreNotAskedFor() {
    byte[] content = content(2 * CHUNK, 1);
    grid.store("builder", content);
    byte[] longer = Arrays.copyOf(content, 2 * CHUNK + 1);

    assertEquals(List.of(2), grid.announce("builder", Manifest.of(longer)));
  }

  @Test
  void aChunkOfNoAnnouncedBlobIsRefused() {
    byte[] content = content(3, 1);

    assertThrows(BlobUnknown.class, () -> grid.put(Manifest.of(content), 0, content));
    assertTrue(grid.pieces.keys().isEmpty());
  }

  @Test
  void bytesThatAreNotTheChunkAreRefused() {
    Manifest manifest = Manifest.of(content(3, 1));
    grid.announce("builder", manifest);

    assertThrows(MalformedBlob.class, () -> grid.put(manifest, 0, content(3, 2)));
    assertEquals(new BlobStat.Partial(3, List.of(0)), grid.stat(manifest.id()));
  }

  @Test
  void aCorruptedChunkIsNeverReturnedAndCanBeUploadedAgain() {
    byte[] content = content(3, 1);
    Digest blob = grid.store("builder", content);
    Digest chunk = Digest.sha256(content);
    grid.pieces.put(chunk.hex(), content(3, 2));

    assertThrows(ChunkCorrupted.class, () -> grid.load(blob));
    assertTrue(grid.chunk(chunk).isEmpty());
    assertEquals(new BlobStat.Partial(3, List.of(0)), grid.stat(blob));

    assertEquals(blob, grid.store("builder", content));
    assertArrayEquals(content, grid.load(blob).orElseThrow());
  }

  @Test
  void aCorruptedManifestIsReplacedByTheNextAnnouncement() {
    byte[] content = content(3, 1);
    Digest blob = grid.store("builder", content);
    grid.pieces.put(blob.hex(), content(48, 2));

    grid.announce("builder", Manifest.of(content));

    assertEquals(new BlobStat.Complete(3), grid.stat(blob));
  }

  @Test
  void aPutOverACorruptedChunkHealsIt() {
    byte[] content = content(3, 1);
    Digest blob = grid.store("builder", content);
    grid.pieces.put(Digest.sha256(content).hex(), content(3, 2));

    grid.put(Manifest.of(content), 0, content);

    assertArrayEquals(content, grid.load(blob).orElseThrow());
  }

  @Test
  void anUploaderOverItsQuotaIsRefusedWithTheFigures() {
    grid.store("builder", content(4 * CHUNK, 1));
    long used = grid.claimedBytes();
    Manifest second = Manifest.of(content(CHUNK, 2));

    QuotaExceeded refusal =
        assertThrows(QuotaExceeded.class, () -> grid.announce("builder", second));

    assertEquals(QuotaExceeded.Scope.UPLOADER, refusal.scope());
    assertEquals("builder", refusal.uploader());
    assertEquals(used, refusal.usedBytes());
    assertEquals(5L * CHUNK, refusal.limitBytes());
    assertTrue(refusal.askedBytes() > CHUNK && refusal.askedBytes() < CHUNK + 16_384);
    assertEquals(used, grid.claimedBytes());
    assertEquals(new BlobStat.Absent(), grid.stat(second.id()));
  }

  @Test
  void allUploadersTogetherStayWithinTheGridsQuota() {
    grid.store("first", content(4 * CHUNK, 1));

    QuotaExceeded refusal =
        assertThrows(
            QuotaExceeded.class, () -> grid.announce("second", Manifest.of(content(4 * CHUNK, 2))));

    assertEquals(QuotaExceeded.Scope.GRID, refusal.scope());
    assertEquals(8L * CHUNK, refusal.limitBytes());
  }

  @Test
  void aBlobIsPaidForOnceByTheFirstToAnnounceIt() {
    byte[] content = content(4 * CHUNK, 1);
    grid.store("first", content);
    long used = grid.claimedBytes();

    grid.store("second", content);

    assertEquals(used, grid.claimedBytes());
  }

  @Test
  void emptyBlobsCostQuotaToo() {
    long before = grid.claimedBytes();

    grid.store("builder", new byte[0]);

    assertTrue(grid.claimedBytes() >= before + 4096);
  }

  @Test
  void aSweepKeepsWhatIsLiveOrYoungAndFreesTheRest() {
    Digest live = grid.store("builder", content(CHUNK, 1));
    Digest dead = grid.store("builder", content(CHUNK, 2));
    now = now.plus(TTL);
    Digest young = grid.store("builder", content(CHUNK, 3));

    assertEquals(new Swept(1, 2), grid.sweep(Set.of(live)));

    assertEquals(new BlobStat.Complete(CHUNK), grid.stat(live));
    assertEquals(new BlobStat.Complete(CHUNK), grid.stat(young));
    assertEquals(new BlobStat.Absent(), grid.stat(dead));
    assertEquals(4, grid.pieces.keys().size());
    assertEquals(new Swept(0, 0), grid.sweep(Set.of(live)));
  }

  @Test
  void aSweepKeepsChunksThatALiveBlobShares() {
    byte[] content = content(2 * CHUNK, 1);
    grid.store("builder", content);
    byte[] longer = Arrays.copyOf(content, 2 * CHUNK + 1);
    Digest live = grid.store("builder", longer);
    now = now.plus(TTL);

    assertEquals(new Swept(1, 1), grid.sweep(Set.of(live)));

    assertArrayEquals(longer, grid.load(live).orElseThrow());
  }

  @Test
  void anAnnouncementRenewsTheTimeToLive() {
    byte[] content = content(3, 1);
    Digest blob = grid.store("builder", content);
    now = now.plus(TTL.dividedBy(2));
    grid.announce("builder", Manifest.of(content));
    now = now.plus(TTL.dividedBy(2));

    assertEquals(new Swept(0, 0), grid.sweep(Set.of()));
    assertEquals(new BlobStat.Complete(3), grid.stat(blob));
  }

  @Test
  void whatWasAnnouncedJustNowIsNotWrittenAgain() {
    byte[] content = content(3, 1);
    Manifest manifest = Manifest.of(content);
    List<String> written = new ArrayList<>();
    class Watched extends MapGrid.Bytes {
      @Override
      public synchronized boolean putIfAbsent(String key, byte[] value) {
        written.add(key);
        return super.putIfAbsent(key, value);
      }
    }
    ContentStore store = store(new Watched(), new Watched());
    store.announce("validator:1", manifest);
    store.put(manifest, 0, content);
    written.clear();

    assertEquals(List.of(), store.announce("validator:2", manifest));
    assertEquals(List.of(), written);

    now = now.plus(TTL.dividedBy(10));
    assertEquals(List.of(), store.announce("validator:2", manifest));
    assertEquals(List.of(manifest.id().hex(), manifest.id().hex()), written);
  }

  @Test
  void aDeletedBlobFreesItsQuotaAtOnceAndItsBytesWithTheNextSweep() {
    Digest blob = grid.store("builder", content(4 * CHUNK, 1));

    assertTrue(grid.delete(blob));
    assertFalse(grid.delete(blob));

    assertEquals(0, grid.claimedBytes());
    assertEquals(new BlobStat.Absent(), grid.stat(blob));
    assertEquals(new Swept(0, 5), grid.sweep(Set.of(blob)));
  }

  @Test
  void aClaimIsReleasedForItsUploaderOnly() {
    Digest blob = grid.store("worker:1", content(4 * CHUNK, 1));
    assertFalse(grid.release(blob, "worker:2"));
    assertTrue(grid.stat(blob) instanceof BlobStat.Complete);
    assertTrue(grid.release(blob, "worker:1"));
    assertFalse(grid.release(blob, "worker:1"));
    assertEquals(0, grid.claimedBytes());
  }

  @Test
  void aSweepRemovesWhatACrashLeftUnclaimed() {
    grid.pieces.put(Digest.sha256(content(3, 9)).hex(), content(3, 9));

    assertEquals(new Swept(0, 1), grid.sweep(Set.of()));
  }

  @Test
  void aCopyThatLacksAPieceIsWrittenAnew() {
    byte[] content = content(3, 1);
    Set<String> lacking = new HashSet<>();
    // As Ignite does it: whether there is an entry the primary says, a read the nearest copy.
    ContentStore store =
        store(
            new MapGrid.Bytes() {
              @Override
              public synchronized Optional<byte[]> get(String key) {
                return lacking.contains(key) ? Optional.empty() : super.get(key);
              }

              @Override
              public synchronized void put(String key, byte[] value) {
                lacking.remove(key);
                super.put(key, value);
              }
            },
            new MapGrid.Bytes());
    Manifest manifest = Manifest.of(content);
    store.announce("builder", manifest);
    store.put(manifest, 0, content);
    lacking.add(manifest.id().hex());
    lacking.add(manifest.chunks().getFirst().hex());

    store.announce("builder", manifest);
    store.put(manifest, 0, content);

    assertEquals(Set.of(), lacking);
    assertArrayEquals(content, store.chunk(Digest.sha256(content)).orElseThrow());
  }

  @Test
  void aClaimThatAlwaysChangesEndsTheAnnouncement() {
    ContentStore store =
        store(
            new MapGrid.Bytes(),
            new MapGrid.Bytes() {
              @Override
              public synchronized boolean replace(String key, byte[] expected, byte[] next) {
                return false;
              }
            });
    Manifest manifest = Manifest.of(content(3, 1));
    store.announce("builder", manifest);
    now = now.plus(TTL.dividedBy(2));

    assertThrows(GridUnavailable.class, () -> store.announce("builder", manifest));
  }

  private ContentStore store(ByteMap pieces, ByteMap claims) {
    return new ContentStore(pieces, claims, new BlobQuota(5L * CHUNK, 8L * CHUNK), TTL, () -> now);
  }

  @Test
  void anUploadersNameIsBounded() {
    Manifest manifest = Manifest.of(content(3, 1));

    assertThrows(IllegalArgumentException.class, () -> grid.announce("", manifest));
    assertThrows(IllegalArgumentException.class, () -> grid.announce("x".repeat(129), manifest));
  }

  static byte[] content(int length, long seed) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }
}
