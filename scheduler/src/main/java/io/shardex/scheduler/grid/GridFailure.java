package io.shardex.scheduler.grid;

import org.jspecify.annotations.Nullable;

/** Why the grid did not do what it was asked. */
public abstract sealed class GridFailure extends RuntimeException
    permits BlobUnknown, ChunkCorrupted, GridUnavailable, PortInUse, QuotaExceeded {
  private static final long serialVersionUID = 1;

  GridFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
