package io.shardex.scheduler.grid;

/**
 * How many bytes may be claimed at a time, one copy counted.
 *
 * @param uploaderBytes by one uploader, at least 1
 * @param totalBytes by all together, at least {@code uploaderBytes}
 */
public record BlobQuota(long uploaderBytes, long totalBytes) {
  public BlobQuota {
    if (uploaderBytes < 1 || totalBytes < uploaderBytes) {
      throw new IllegalArgumentException(
          "an uploader's quota is 1 to %d (the total) bytes, not %d"
              .formatted(totalBytes, uploaderBytes));
    }
  }
}
