package io.shardex.scheduler.grid;

import io.shardex.market.Digest;

/** A chunk came for a blob that is not announced (any more); announce it first. */
public final class BlobUnknown extends GridFailure {
  private static final long serialVersionUID = 1;

  BlobUnknown(Digest blob) {
    super("blob " + blob + " is not announced", null);
  }
}
