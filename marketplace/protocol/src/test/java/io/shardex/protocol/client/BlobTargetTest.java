package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobTargetTest {
  @TempDir Path folder;

  @Test
  void aLargeFileIsWhatWasTakenWhereverItIsGoneOnWith() throws IOException {
    int last = 65;
    long totalBytes = (long) last * Manifest.CHUNK_BYTES + 4_097;
    Manifest manifest =
        new Manifest(
            totalBytes,
            IntStream.rangeClosed(0, last)
                .mapToObj(i -> Digest.sha256(chunk(i, totalBytes)))
                .toList());
    Path file = folder.resolve("large");
    try (BlobTarget.ToFile target = BlobTarget.ToFile.open(file, totalBytes)) {
      assertEquals(0, target.begin(manifest, 0));
      for (int i = 0; i < 7; i++) {
        target.take(manifest, i, chunk(i, totalBytes));
      }
    }
    try (BlobTarget.ToFile target = BlobTarget.ToFile.open(file, totalBytes)) {
      assertEquals(7, target.begin(manifest, target.held()));
      for (int i = 7; i <= last; i++) {
        target.take(manifest, i, chunk(i, totalBytes));
      }
    }
    try (InputStream content = Files.newInputStream(file)) {
      assertEquals(manifest, Manifest.of(content));
    }
  }

  private static byte[] chunk(int index, long totalBytes) {
    long left = totalBytes - (long) index * Manifest.CHUNK_BYTES;
    byte[] chunk = new byte[(int) Math.min(left, Manifest.CHUNK_BYTES)];
    new Random(index).nextBytes(chunk);
    return chunk;
  }
}
