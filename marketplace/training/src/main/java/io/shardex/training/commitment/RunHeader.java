package io.shardex.training.commitment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a shard's run is about, and the root that binds it to its states and its result. Nothing in
 * it differs between a worker and its auditor; lease, fence and signer are bound by the seal.
 *
 * @param innerIn digest of the optimiser state carried in from the round before; {@link
 *     #CARRIED_NONE} when it starts anew
 * @param innerOut digest of the optimiser state carried out, likewise
 * @param steps steps that were run
 * @param segmentSteps steps between two leaves
 */
public record RunHeader(
    Digest spec,
    int arithmeticVersion,
    Digest baseModel,
    Digest data,
    int round,
    int shard,
    Digest innerIn,
    Digest innerOut,
    long steps,
    int segmentSteps) {

  /** The digest of no bytes: no optimiser state crosses the round's border. */
  public static final Digest CARRIED_NONE = Digest.of();

  private static final byte[] TAG = "shardex.run/2".getBytes(StandardCharsets.US_ASCII);

  /**
   * SHA-256 of the tag {@code shardex.run/2}, the five digests in their order, the five numbers in
   * theirs, the number of leaves, the states' root and the result's digest; numbers little-endian,
   * 4 bytes or (steps) 8.
   */
  public Digest root(SegmentTree states, Digest result) {
    ByteBuffer numbers = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putInt(arithmeticVersion).putInt(round).putInt(shard);
    numbers.putLong(steps).putInt(segmentSteps).putInt(states.leaves());
    return Digest.of(
        TAG,
        spec.bytes(),
        baseModel.bytes(),
        data.bytes(),
        innerIn.bytes(),
        innerOut.bytes(),
        numbers.array(),
        states.root().bytes(),
        result.bytes());
  }
}
