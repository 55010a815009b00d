package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file that is to become a blob: where it is, and the manifest of what was in it when read. */
public record BlobSource(Path file, Manifest manifest) {
  /** Reads a file once, chunk by chunk. */
  static BlobSource of(Path file) throws IOException {
    List<Digest> chunks = new ArrayList<>();
    long total = 0;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = in.readNBytes(Manifest.CHUNK_BYTES);
      while (chunk.length > 0) {
        chunks.add(Digest.sha256(chunk));
        total += chunk.length;
        chunk = in.readNBytes(Manifest.CHUNK_BYTES);
      }
    }
    return new BlobSource(file, new Manifest(total, chunks));
  }

  /** The blob's name. */
  public Digest id() {
    return manifest.id();
  }
}
