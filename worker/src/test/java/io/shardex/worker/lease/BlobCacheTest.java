package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.link.LinkFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;

  @TempDir Path folder = Path.of("set by JUnit");
  @TempDir Path leases = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final byte[] content = content(3 * CHUNK + 17);
  private final Digest blob = network.store(content);
  private @Nullable CacheFolder disk;
  private Instant now = Instant.EPOCH;
  private final InstantSource clock = () -> now = now.plusSeconds(1);

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private BlobCache open(long quotaBytes) throws IOException {
    disk = CacheFolder.open(folder, quotaBytes, clock);
    return new BlobCache(network, disk);
  }

  private long usedBytes() {
    return Objects.requireNonNull(disk).usedBytes();
  }

  private byte[] range(BlobCache cache, long offset, int length)
      throws LeaseFailure, InterruptedException {
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
    assertTrue(usedBytes() <= quota);
    try (var files = Files.list(folder)) {
      assertEquals(usedBytes(), files.mapToLong(file -> file.toFile().length()).sum());
    }
    assertTrue(CacheFolder.open(folder, CHUNK + 100, clock).usedBytes() <= CHUNK + 100);
  }

  @Test
  void whatIsLongerThanTheQuotaIsNotKept() throws Exception {
    BlobCache cache = open(10);
    assertArrayEquals(Arrays.copyOf(content, 10), range(cache, 0, 10));
    assertArrayEquals(content, cache.whole(blob, content.length));
    assertEquals(0, usedBytes());
  }

  @Test
  void aFileIsFetchedOnceAlsoOverARestart() throws Exception {
    open(10 * CHUNK).place(blob, content.length, place("a"));
    open(10 * CHUNK).place(blob, content.length, place("b"));

    assertArrayEquals(content, Files.readAllBytes(place("a")));
    assertArrayEquals(content, Files.readAllBytes(place("b")));
    assertEquals(List.of(blob.toString()), network.takeFetched());
  }

  @Test
  void aDamagedFileIsFetchedAgain() throws Exception {
    open(10 * CHUNK).place(blob, content.length, place("a"));
    Path file = folder.resolve(blob.hex() + "-file");
    byte[] bytes = Files.readAllBytes(file);
    bytes[2 * CHUNK + 100] ^= 1;
    Files.write(file, bytes);
    BlobCache cache = open(10 * CHUNK);
    cache.place(blob, content.length, place("b"));
    assertArrayEquals(content, Files.readAllBytes(place("b")));

    Files.delete(file);
    cache.place(blob, content.length, place("c"));
    assertArrayEquals(content, Files.readAllBytes(place("c")));
    assertEquals(3, network.takeFetched().size());
  }

  @Test
  void whatALeaseUsesStaysWhenItIsEvicted() throws Exception {
    byte[] second = content(2 * CHUNK);
    byte[] third = content(5 * CHUNK);
    BlobCache cache = open(4 * CHUNK + 100);
    cache.place(blob, content.length, place("a"));
    cache.place(network.store(second), second.length, place("b"));
    assertEquals(second.length, usedBytes());
    // Longer than the quota: the lease has it, the cache does not.
    cache.place(network.store(third), third.length, place("c"));
    assertEquals(0, usedBytes());
    assertEquals(0, onDisk());

    assertArrayEquals(content, Files.readAllBytes(place("a")));
    assertArrayEquals(second, Files.readAllBytes(place("b")));
    assertArrayEquals(third, Files.readAllBytes(place("c")));
  }

  @Test
  void whatIsOnItsWayCountsAndIsGoneOnWithAfterARestart() throws Exception {
    BlobCache cache = open(4 * CHUNK);
    network.breakHalfWay(true);
    assertThrows(LinkFailure.class, () -> cache.place(blob, content.length, place("a")));
    assertEquals(content.length / 2, usedBytes());
    network.breakHalfWay(false);
    network.takeFetched();

    BlobCache reopened = open(4 * CHUNK);
    assertEquals(content.length / 2, usedBytes());
    reopened.place(blob, content.length, place("a"));
    assertEquals(blob + " behind " + content.length / 2, network.takeFetched().getFirst());
    assertEquals(content.length, usedBytes());
    assertEquals(usedBytes(), onDisk());
  }

  @Test
  void aBlobThatTheDiskHasNoRoomForIsRefusedBeforeItIsFetched() throws Exception {
    BlobCache cache =
        new BlobCache(
            network, CacheFolder.open(folder, () -> content.length - 1, 10 * CHUNK, clock));
    LeaseFailure refused =
        assertThrows(LeaseFailure.class, () -> cache.place(blob, content.length, place("a")));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("expected room for 3 MiB more"));
    assertEquals(List.of(), network.takeFetched());
    assertFalse(Files.exists(place("a")));
  }

  @Test
  void aFileOfAnotherLengthThanDescribedIsRefused() throws Exception {
    BlobCache cache = open(10 * CHUNK);
    assertThrows(LinkFailure.class, () -> cache.place(blob, content.length - 1, place("a")));
    assertThrows(LeaseFailure.class, () -> cache.place(blob, content.length + 1, place("a")));
    assertThrows(LeaseFailure.class, () -> cache.place(blob, content.length - 1, place("a")));
    assertFalse(Files.exists(place("a")));
  }

  @Test
  void whatIsOnItsWayIsTheLastToGo() throws Exception {
    byte[] second = content(2 * CHUNK);
    Digest other = network.store(second);
    network.breakHalfWay(true);
    BlobCache cache = open(4 * CHUNK);
    assertThrows(LinkFailure.class, () -> cache.place(blob, content.length, place("a")));
    network.breakHalfWay(false);
    cache.place(other, second.length, place("b"));
    network.breakHalfWay(true);
    assertThrows(LinkFailure.class, () -> cache.place(blob, content.length, place("a")));

    assertTrue(Files.exists(folder.resolve(blob.hex() + "-file.part")));
    assertFalse(Files.exists(folder.resolve(other.hex() + "-file")));
    assertEquals(usedBytes(), onDisk());
  }

  @Test
  void whatIsOnItsWayStaysAlsoWhenTheWholeIsLongerThanTheQuota() throws Exception {
    BlobCache cache = open(3 * CHUNK);
    network.breakHalfWay(true);
    assertThrows(LinkFailure.class, () -> cache.place(blob, content.length, place("a")));
    network.breakHalfWay(false);
    network.takeFetched();

    cache.place(blob, content.length, place("a"));
    assertEquals(blob + " behind " + content.length / 2, network.takeFetched().getFirst());
    assertArrayEquals(content, Files.readAllBytes(place("a")));
    assertEquals(0, usedBytes());
  }

  @Test
  void aFileThatTwoSlotsWantAtOnceIsFetchedOnce() throws Exception {
    CacheFolder shared = CacheFolder.open(folder, 10 * CHUNK, clock);
    CountDownLatch asked = new CountDownLatch(2);
    try (ExecutorService slots = Executors.newFixedThreadPool(2)) {
      List<Future<Object>> placed = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        placed.add(
            slots.submit(
                () -> {
                  asked.countDown();
                  asked.await();
                  new BlobCache(network, shared).place(blob, content.length, place(name));
                  return name;
                }));
      }
      for (Future<Object> one : placed) {
        assertArrayEquals(content, Files.readAllBytes(place(String.valueOf(one.get()))));
      }
    }
    assertEquals(List.of(blob.toString()), network.takeFetched());
  }

  /** What a slot reads through its cache. */
  private interface Reading {
    byte[] of(BlobCache cache) throws LeaseFailure, InterruptedException;
  }

  /** What two slots fetch, each by a link of its own, that read the same at once. */
  private List<String> fetchedByTwo(CacheFolder shared, Reading reading) throws Exception {
    FakeNetwork other = new FakeNetwork();
    other.store(content);
    List<String> fetched = new CopyOnWriteArrayList<>();
    CountDownLatch asked = new CountDownLatch(2);
    for (FakeNetwork link : List.of(network, other)) {
      link.onFetch(
          what -> {
            fetched.add(what);
            // So long that the other slot would fetch it, too.
            LockSupport.parkNanos(200_000_000);
          });
    }
    try (ExecutorService slots = Executors.newFixedThreadPool(2)) {
      List<Future<byte[]>> read = new ArrayList<>();
      for (FakeNetwork link : List.of(network, other)) {
        read.add(
            slots.submit(
                () -> {
                  asked.countDown();
                  asked.await();
                  return reading.of(new BlobCache(link, shared));
                }));
      }
      assertArrayEquals(read.get(0).get(), read.get(1).get());
    }
    return fetched;
  }

  @Test
  void aBlobThatTwoSlotsWantAtOnceIsFetchedOnce() throws Exception {
    CacheFolder shared = CacheFolder.open(folder, 10 * CHUNK, clock);
    assertEquals(
        List.of(blob.toString()), fetchedByTwo(shared, cache -> cache.whole(blob, content.length)));
  }

  @Test
  void partsThatTwoSlotsWantAtOnceAreFetchedOnce() throws Exception {
    CacheFolder shared = CacheFolder.open(folder, 10 * CHUNK, clock);
    assertEquals(List.of(blob + "+0"), fetchedByTwo(shared, cache -> range(cache, 5, 2 * CHUNK)));
  }

  @Test
  void aSlotThatWaitsForAnotherGoesOnWhenThatCannotFetch() throws Exception {
    CacheFolder shared = CacheFolder.open(folder, 10 * CHUNK, clock);
    CountDownLatch failing = new CountDownLatch(1);
    FakeNetwork broken = new FakeNetwork();
    broken.store(content);
    broken.onFetch(
        what -> {
          failing.countDown();
          LockSupport.parkNanos(100_000_000);
          throw FakeNetwork.trouble();
        });
    try (ExecutorService slots = Executors.newFixedThreadPool(2)) {
      Future<byte[]> first =
          slots.submit(() -> new BlobCache(broken, shared).whole(blob, content.length));
      failing.await();
      assertArrayEquals(content, new BlobCache(network, shared).whole(blob, content.length));
      assertThrows(ExecutionException.class, first::get);
    }
  }

  @Test
  void whatASlotWorksOnIsNotDroppedForAnother() throws Exception {
    CacheFolder shared = CacheFolder.open(folder, 3 * CHUNK, clock);
    BlobCache cache = new BlobCache(network, shared);
    byte[] small = content(2 * CHUNK);
    cache.place(network.store(small), small.length, place("a"));
    String held = network.store(small).hex() + "-file";
    shared.hold(held);
    cache.place(blob, content.length, place("b"));

    assertTrue(Files.exists(folder.resolve(held)));
    shared.release(held);
    assertTrue(shared.usedBytes() <= 3 * CHUNK);
  }

  private Path place(String name) {
    return leases.resolve(name);
  }

  private long onDisk() throws IOException {
    try (var files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void aBlobOfAnotherLengthThanDescribedIsRefused() throws Exception {
    BlobCache cache = open(10 * CHUNK);
    assertThrows(LeaseFailure.class, () -> cache.range(blob, content.length + 5, 3 * CHUNK, 20));
    assertThrows(LeaseFailure.class, () -> cache.range(blob, content.length, 3 * CHUNK, 18));
  }
}
