package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.util.List;

/**
 * What a training job is made from, as the market names it. Its own blob id is {@code
 * JobTerms.data}.
 */
public sealed interface TrainingInputs permits DataDescription, TorchInputs {
  /** The longest canonical bytes. */
  int MAX_BYTES = TorchInputs.MAX_BYTES;

  /** The samples. */
  DataDescription data();

  /** Every blob it lists. */
  List<Digest> blobs();

  /** The canonical bytes. */
  byte[] encoded();

  /** What the market calls it: the blob id of the canonical bytes. */
  default Digest digest() {
    return Manifest.of(encoded()).id();
  }

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  static TrainingInputs decode(byte[] bytes) {
    return TorchInputs.begins(bytes) ? TorchInputs.decode(bytes) : DataDescription.decode(bytes);
  }
}
