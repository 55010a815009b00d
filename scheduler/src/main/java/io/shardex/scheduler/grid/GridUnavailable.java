package io.shardex.scheduler.grid;

import org.jspecify.annotations.Nullable;

/** The grid cannot serve now: too few nodes are up, copies are away, or Ignite is down here. */
public final class GridUnavailable extends GridFailure {
  private static final long serialVersionUID = 1;

  GridUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
