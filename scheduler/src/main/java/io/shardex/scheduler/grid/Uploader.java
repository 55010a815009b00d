package io.shardex.scheduler.grid;

import io.shardex.market.Address;
import java.util.Locale;

/** Whose quota a blob counts against: one key in one role, whichever way the blob comes. */
public enum Uploader {
  VALIDATOR,
  BUILDER,
  WORKER;

  /** The uploader's name in the grid, such as {@code worker:0x..}. */
  public String named(Address key) {
    return name().toLowerCase(Locale.ROOT) + ":" + key;
  }
}
