package io.shardex.scheduler.grid;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardex.protocol.blob.Manifest;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Who announced a blob, when, and the bytes it is charged with. Stored as big-endian milliseconds
 * and bytes (longs), then the uploader in UTF-8.
 */
record Claim(String uploader, long bytes, long announcedMillis) {
  static final int MAX_UPLOADER_CHARS = 128;

  /** What a blob costs beside its bytes: one page for the claim, one for the manifest's entry. */
  private static final int OVERHEAD_BYTES = 2 * 4096;

  Claim {
    if (uploader.isEmpty() || uploader.length() > MAX_UPLOADER_CHARS) {
      throw new IllegalArgumentException(
          "an uploader has 1 to " + MAX_UPLOADER_CHARS + " characters, not " + uploader.length());
    }
  }

  static Claim on(Manifest manifest, int manifestBytes, String uploader, Instant now) {
    long bytes = manifest.totalBytes() + manifestBytes + OVERHEAD_BYTES;
    return new Claim(uploader, bytes, now.toEpochMilli());
  }

  static Claim decode(byte[] stored) {
    ByteBuffer in = ByteBuffer.wrap(stored);
    long announcedMillis = in.getLong();
    long bytes = in.getLong();
    return new Claim(UTF_8.decode(in).toString(), bytes, announcedMillis);
  }

  byte[] encoded() {
    byte[] name = uploader.getBytes(UTF_8);
    return ByteBuffer.allocate(2 * Long.BYTES + name.length)
        .putLong(announcedMillis)
        .putLong(bytes)
        .put(name)
        .array();
  }

  Claim renewed(Instant now) {
    return new Claim(uploader, bytes, Math.max(announcedMillis, now.toEpochMilli()));
  }
}
