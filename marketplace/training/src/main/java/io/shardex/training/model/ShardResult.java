package io.shardex.training.model;

import io.shardex.training.commitment.Digest;
import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a shard's training gives to the aggregator: the final parameters themselves (no information
 * is lost; the pseudo-gradient is the base model minus them).
 *
 * <p>Blob, all little-endian: magic {@code SDXR}, format version, arithmetic version, round, shard,
 * samples, steps (4 bytes each), the shape ({@link BlobShape}), the loss sum as raw binary64 bits,
 * then the parameters as raw float bits in canonical order.
 *
 * @param round round whose model it started from
 * @param samples samples of the shard, its weight in the average
 * @param steps steps taken
 * @param lossSum sum of the loss over every sample of every local epoch, in order of visit, each at
 *     the weights of its step
 */
public record ShardResult(
    ModelSpec model,
    int round,
    int shard,
    int samples,
    int steps,
    double lossSum,
    Parameters parameters) {
  /** Version of the blob's layout. */
  public static final int FORMAT_VERSION = 1;

  private static final int MAGIC = 0x52584453; // "SDXR" read little-endian
  private static final int FIXED_BYTES = 7 * Integer.BYTES + Double.BYTES;

  /** Bytes of every result's blob of this model. */
  public static int blobBytes(ModelSpec model) {
    return FIXED_BYTES + BlobShape.bytes(model) + model.parameterCount() * Float.BYTES;
  }

  public byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(blobBytes(model)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(FORMAT_VERSION).putInt(Versions.ARITHMETIC);
    bytes.putInt(round).putInt(shard).putInt(samples).putInt(steps);
    BlobShape.write(model, bytes);
    bytes.putDouble(lossSum);
    parameters.write(bytes);
    return bytes.array();
  }

  /** The SHA-256 of the blob, as the commitment's root covers it; the grid has names of its own. */
  public Digest digest() {
    return Digest.of(encode());
  }

  /** Mean training loss a label, over all local epochs. */
  public double meanLoss(TrainingSpec spec) {
    return lossSum / ((double) samples * spec.local().epochs() * model.labels());
  }

  /**
   * Decodes the result of this round and shard; samples and steps are those the job asks for, every
   * parameter and the loss are finite.
   */
  public static ShardResult decode(byte[] blob, TrainingSpec spec, int round, int shard)
      throws MalformedBlob {
    ModelSpec model = spec.model();
    int samples = spec.range(shard).count();
    int steps = spec.local().steps(samples);
    BlobReader reader = new BlobReader(blob, blobBytes(model));
    reader.expectMagic(MAGIC);
    reader.expect(Fault.WRONG_VERSION, "format version", FORMAT_VERSION);
    reader.expect(Fault.WRONG_VERSION, "arithmetic version", Versions.ARITHMETIC);
    reader.expect(Fault.WRONG_PLACE, "round", round);
    reader.expect(Fault.WRONG_PLACE, "shard", shard);
    reader.expect(Fault.WRONG_PLACE, "sample count", samples);
    reader.expect(Fault.WRONG_PLACE, "step count", steps);
    reader.expectShape(model);
    double lossSum = reader.finiteDouble("loss sum");
    Parameters parameters = reader.finiteParameters(model);
    return new ShardResult(model, round, shard, samples, steps, lossSum, parameters);
  }
}
