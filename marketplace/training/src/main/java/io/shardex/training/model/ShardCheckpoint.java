package io.shardex.training.model;

import io.shardex.training.commitment.Digest;
import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A shard on its way: all that training goes on from, so that whoever does comes to the same result
 * and the same root as without a break. It follows from task and step alone, so its bytes can be
 * checked by training up to it.
 *
 * <p>Blob, all little-endian: magic {@code SDXC}, format version, arithmetic version, round, shard,
 * step, number of leaves (4 bytes each), the shape ({@link BlobShape}), the leaves, then the state:
 * its floats as raw bits, the step (8 bytes) and the loss sum as raw binary64 bits.
 *
 * @param round round whose model the shard started from
 * @param step steps taken
 * @param leaves of the segment tree so far, without the start's
 * @param state canonical bytes of the training's state, whose last 16 are step and loss sum
 */
public record ShardCheckpoint(
    ModelSpec model, int round, int shard, int step, List<Digest> leaves, Bytes state) {
  /** Version of the blob's layout. */
  public static final int FORMAT_VERSION = 1;

  private static final int MAGIC = 0x43584453; // "SDXC" read little-endian
  private static final int FIXED_BYTES = 7 * Integer.BYTES;
  private static final int TAIL_BYTES = Long.BYTES + Double.BYTES;

  public ShardCheckpoint {
    leaves = List.copyOf(leaves);
  }

  /**
   * What a checkpoint must be to be gone on from.
   *
   * @param leaves how many the tree has at this step, without the start's
   * @param stateBytes of a state
   */
  public record Place(ModelSpec model, int round, int shard, int step, int leaves, int stateBytes) {
    /** Bytes of the blob. */
    public int blobBytes() {
      return FIXED_BYTES + BlobShape.bytes(model) + leaves * Digest.BYTES + stateBytes;
    }
  }

  public byte[] encode() {
    int length = new Place(model, round, shard, step, leaves.size(), state.length()).blobBytes();
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(FORMAT_VERSION).putInt(Versions.ARITHMETIC);
    bytes.putInt(round).putInt(shard).putInt(step).putInt(leaves.size());
    BlobShape.write(model, bytes);
    leaves.forEach(leaf -> bytes.put(leaf.bytes()));
    bytes.put(state.buffer());
    return bytes.array();
  }

  /** Decodes the checkpoint of this place; every number of its state is finite. */
  public static ShardCheckpoint decode(byte[] blob, Place place) throws MalformedBlob {
    BlobReader reader = new BlobReader(blob, place.blobBytes());
    reader.expectMagic(MAGIC);
    reader.expect(Fault.WRONG_VERSION, "format version", FORMAT_VERSION);
    reader.expect(Fault.WRONG_VERSION, "arithmetic version", Versions.ARITHMETIC);
    reader.expect(Fault.WRONG_PLACE, "round", place.round());
    reader.expect(Fault.WRONG_PLACE, "shard", place.shard());
    reader.expect(Fault.WRONG_PLACE, "step", place.step());
    reader.expect(Fault.WRONG_PLACE, "leaf count", place.leaves());
    reader.expectShape(place.model());
    List<Digest> leaves = new ArrayList<>();
    for (int i = 0; i < place.leaves(); i++) {
      leaves.add(Digest.ofBytes(reader.bytes(Digest.BYTES)));
    }
    Bytes state = new Bytes(reader.bytes(place.stateBytes()));
    requireSound(state.buffer(), place.step());
    return new ShardCheckpoint(
        place.model(), place.round(), place.shard(), place.step(), leaves, state);
  }

  private static void requireSound(ByteBuffer state, int step) throws MalformedBlob {
    while (state.remaining() > TAIL_BYTES) {
      float value = state.getFloat();
      if (!Float.isFinite(value)) {
        throw new MalformedBlob(
            Fault.NOT_FINITE, "expected a finite state, but it holds %s".formatted(value));
      }
    }
    long found = state.getLong();
    if (found != step) {
      throw new MalformedBlob(
          Fault.WRONG_PLACE,
          "expected the state of step %d, but it says %d".formatted(step, found));
    }
    double lossSum = state.getDouble();
    if (!Double.isFinite(lossSum)) {
      throw new MalformedBlob(
          Fault.NOT_FINITE, "expected a finite loss sum, but it is %s".formatted(lossSum));
    }
  }
}
