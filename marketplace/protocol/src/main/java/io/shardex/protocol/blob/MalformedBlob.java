package io.shardex.protocol.blob;

/** Bytes that are no manifest, or no chunk of the blob they were offered for; says why. */
public final class MalformedBlob extends RuntimeException {
  private static final long serialVersionUID = 1;

  MalformedBlob(String reason) {
    super(reason);
  }
}
