package io.shardex.protocol.wire;

import io.shardex.protocol.blob.Manifest;

/** The sizes and counts that both sides of the wire hold each other to. */
public final class WireLimits {
  /** A message: 4 MiB and 64 KiB for what is around its content. */
  public static final int MESSAGE_BYTES = (4 << 20) + (64 << 10);

  /** Metadata of a call. */
  public static final int METADATA_BYTES = 8 << 10;

  /** A signed command: 64 KiB. */
  public static final int ENVELOPE_BYTES = 64 << 10;

  /** A validator's signed Attest, which may hold a page of the chain: 1 MiB. */
  public static final int ATTEST_BYTES = 1 << 20;

  /** A manifest: one digest a chunk, and its header. */
  public static final int MANIFEST_BYTES = Manifest.MAX_CHUNKS * 32 + 16;

  /**
   * What one message of a download holds of a chunk. Arrays of a chunk's size would outgrow the
   * young generation of an agent's small heap and fill the old one.
   */
  public static final int PIECE_BYTES = 256 << 10;

  /** Records in one page of a query. */
  public static final int PAGE = 500;

  /** Blobs in one question about their state. */
  public static final int STATS = 64;

  /** What agent and node say to each other on the agent's stream; both must speak the same. */
  public static final int AGENT_PROTOCOL = 1;

  private WireLimits() {}
}
