package io.shardex.scheduler.grid;

import static io.shardex.scheduler.grid.ContentStoreTest.content;
import static io.shardex.scheduler.grid.LocalGrids.PATIENCE;
import static io.shardex.scheduler.grid.LocalGrids.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.ignite.Ignition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IgniteGridTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;

  @TempDir Path folder;

  @Test
  void whatOneNodeStoresAllReadAndOneMayStop() throws Exception {
    try (LocalGrids local = LocalGrids.start(3, folder, false)) {
      byte[] content = content(12 * CHUNK + 7, 1);

      Digest blob = local.node(0).store("builder", content);

      assertArrayEquals(content, local.node(1).load(blob).orElseThrow());
      assertEquals(new BlobStat.Complete(content.length), local.node(2).stat(blob));
      for (Digest chunk : Manifest.of(content).chunks()) {
        List<byte[]> copies =
            IntStream.range(0, 3)
                .mapToObj(i -> local.node(i).held(chunk))
                .flatMap(Optional::stream)
                .toList();
        assertEquals(2, copies.size(), "a piece and its backup");
        copies.forEach(copy -> assertEquals(chunk, Digest.sha256(copy)));
      }

      local.node(1).close();

      assertArrayEquals(content, local.node(0).load(blob).orElseThrow());
      assertArrayEquals(content, local.node(2).load(blob).orElseThrow());
      until("the others see it gone", () -> local.node(0).status().nodesUp() == 2);
      assertEquals(0, local.node(0).status().lostPartitions());
      assertTrue(local.node(0).status().isReady(), "one of three may be away");
      assertThrows(GridUnavailable.class, () -> local.node(1).load(blob));
      assertFalse(local.node(1).status().active());
      assertFalse(local.node(1).status().isReady());
    }
    assertEquals(List.of(), igniteThreads(), "a stopped grid leaves no threads");
  }

  @Test
  void garbageUnderADigestIsFoundOnEveryNodeAndHealedByAnUpload() throws Exception {
    try (LocalGrids local = LocalGrids.start(2, folder, false)) {
      byte[] content = content(CHUNK, 1);
      Digest blob = local.node(0).store("builder", content);
      Digest chunk = Digest.sha256(content);
      Ignition.ignite("node-1")
          .<String, byte[]>cache(IgniteSettings.PIECES)
          .put(chunk.hex(), content(CHUNK, 2));

      assertThrows(ChunkCorrupted.class, () -> local.node(1).load(blob));

      assertTrue(local.node(0).chunk(chunk).isEmpty());
      assertEquals(new BlobStat.Partial(CHUNK, List.of(0)), local.node(1).stat(blob));
      local.node(1).store("builder", content);
      assertArrayEquals(content, local.node(0).load(blob).orElseThrow());
    }
  }

  @Test
  void quotaRenewalAndSweepHoldAcrossNodes() throws Exception {
    try (LocalGrids local = LocalGrids.start(2, folder, false)) {
      byte[] big = content(12 * CHUNK, 1);
      Digest dead = local.node(0).store("builder", big);

      assertThrows(
          QuotaExceeded.class,
          () -> local.node(1).announce("builder", Manifest.of(content(8 * CHUNK, 2))));
      assertEquals(List.of(), local.node(1).announce("other", Manifest.of(big)));
      Digest live = local.node(1).store("other", content(CHUNK, 3));

      assertEquals(new Swept(1, 13), local.node(1).sweep(Set.of(live)));

      assertEquals(new BlobStat.Absent(), local.node(0).stat(dead));
      assertEquals(new BlobStat.Complete(CHUNK), local.node(0).stat(live));
      GridStatus one = local.node(0).status();
      GridStatus two = local.node(1).status();
      assertEquals(2, one.localPieces() + two.localPieces());
      assertTrue(one.localBytes() >= CHUNK && two.localBytes() >= CHUNK, one + " " + two);
    }
  }

  @Test
  void blobsOutliveAStopOfAllNodesWithPersistence() throws Exception {
    byte[] content = content(3 * CHUNK + 7, 1);
    try (LocalGrids local = LocalGrids.start(3, folder, true)) {
      Digest blob = local.node(0).store("builder", content);
      local.stopAll();

      IgniteGrid first = local.startNode(0);
      GridUnavailable refusal = assertThrows(GridUnavailable.class, () -> first.load(blob));
      assertEquals("the grid waits for a majority: 1 of 3 nodes are up", refusal.getMessage());
      assertFalse(first.status().active());
      assertFalse(first.status().isReady());

      IgniteGrid second = local.startNode(1);
      assertTrue(first.awaitActive(PATIENCE) && second.awaitActive(PATIENCE));
      assertArrayEquals(content, second.load(blob).orElseThrow());

      IgniteGrid third = local.startNode(2);
      assertTrue(third.awaitActive(PATIENCE));
      assertArrayEquals(content, third.load(blob).orElseThrow());
    }
  }

  @Test
  void aMemberThatJoinsAfterTheFirstActivationHoldsDataToo() throws Exception {
    LocalGrids local = LocalGrids.configure(3, folder, true);
    try (local) {
      IgniteGrid first = local.startNode(0);
      IgniteGrid second = local.startNode(1);
      assertTrue(first.awaitActive(PATIENCE) && second.awaitActive(PATIENCE));
      Digest blob = first.store("builder", content(8 * CHUNK, 1));

      IgniteGrid third = local.startNode(2);
      assertTrue(third.awaitActive(PATIENCE));

      until("the third holds pieces", () -> third.status().localPieces() > 0);
      assertTrue(third.load(blob).isPresent());
    }
  }

  @Test
  void lostCopiesAreNamedUntilTheirNodesAreBack() throws Exception {
    try (LocalGrids local = LocalGrids.start(3, folder, true)) {
      IgniteGrid survivor = local.node(0);
      byte[] content = content(12 * CHUNK, 1);
      Digest blob = survivor.store("builder", content);
      local.node(1).close();
      local.node(2).close();

      until("partitions are lost", () -> survivor.status().lostPartitions() > 0);
      assertThrows(GridUnavailable.class, () -> survivor.load(blob));
      assertTrue(survivor.status().active());
      assertFalse(survivor.status().isReady(), "one of three is no majority");

      assertTrue(local.startNode(1).awaitActive(PATIENCE));
      assertTrue(local.startNode(2).awaitActive(PATIENCE));
      survivor.sweep(Set.of(blob));

      assertEquals(0, survivor.status().lostPartitions());
      assertTrue(survivor.status().isReady());
      assertArrayEquals(content, survivor.load(blob).orElseThrow());
    }
  }

  @Test
  void aNodeCutOffStartsAnewInsideItself() throws Exception {
    try (LocalGrids local = LocalGrids.start(3, folder, false)) {
      byte[] content = content(3 * CHUNK, 1);
      Digest blob = local.node(0).store("builder", content);

      local.node(2).restart();

      assertTrue(local.node(2).awaitActive(PATIENCE));
      assertArrayEquals(content, local.node(2).load(blob).orElseThrow());
      assertEquals(3, local.node(0).status().nodesUp());
    }
  }

  @Test
  void aTakenPortIsNamed() throws IOException {
    LocalGrids local = LocalGrids.configure(1, folder, false);
    try (local;
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      GridConfig free = local.config(0);
      GridConfig clash =
          new GridConfig(
              free.name(),
              free.host(),
              free.discoveryPort(),
              taken.getLocalPort(),
              free.members(),
              free.workDirectory(),
              free.regionBytes(),
              false,
              free.quota(),
              free.uploadTtl());

      PortInUse refusal =
          assertThrows(PortInUse.class, () -> IgniteGrid.start(clash, InstantSource.system()));

      assertEquals(taken.getLocalPort(), refusal.port());
      assertEquals(
          "port 127.0.0.1:" + refusal.port() + " for the grid's communication is in use",
          refusal.getMessage());
    }
  }

  @Test
  void noClassBeyondTheListIsDeserialized() throws Exception {
    LocalGrids.start(1, folder, false).close();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Gadget());
    }

    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThrows(InvalidClassException.class, in::readObject);
    }
  }

  @Test
  void aQuotaThatMemoryCannotHoldIsRefused() {
    GridConfig sound = LocalGrids.configure(1, folder, false).config(0);

    assertThrows(
        IllegalArgumentException.class,
        () ->
            new GridConfig(
                sound.name(),
                sound.host(),
                sound.discoveryPort(),
                sound.communicationPort(),
                sound.members(),
                sound.workDirectory(),
                sound.regionBytes(),
                false,
                new BlobQuota(1, sound.regionBytes()),
                Duration.ZERO));
  }

  private static List<String> igniteThreads() throws InterruptedException {
    List<String> alive = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      if (name.contains("node-") && !thread.join(PATIENCE)) {
        alive.add(name);
      }
    }
    return alive;
  }

  private static final class Gadget implements Serializable {
    private static final long serialVersionUID = 1;
  }
}
