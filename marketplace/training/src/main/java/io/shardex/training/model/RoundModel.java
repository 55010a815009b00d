package io.shardex.training.model;

import io.shardex.training.commitment.Digest;
import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The model a round starts from. Its blob is what the grid carries and validators attest.
 *
 * <p>Blob, all little-endian: magic {@code SDXM}, format version, arithmetic version, aggregation
 * version, round (4 bytes each), the shape ({@link BlobShape}), then the parameters as raw float
 * bits in canonical order.
 *
 * @param round rounds that went into it: 0 for the initial model, and the number of the round that
 *     starts from it
 */
public record RoundModel(ModelSpec model, int round, Parameters parameters) {
  /** Version of the blob's layout. */
  public static final int FORMAT_VERSION = 1;

  private static final int MAGIC = 0x4d584453; // "SDXM" read little-endian
  private static final int FIXED_BYTES = 5 * Integer.BYTES;

  public RoundModel {
    if (round < 0) {
      throw new IllegalArgumentException("expected a round of 0 or more, but it is " + round);
    }
    if (parameters.count() != model.parameterCount()) {
      throw new IllegalArgumentException(
          "expected %d parameters, but there are %d"
              .formatted(model.parameterCount(), parameters.count()));
    }
  }

  /** Bytes of every round model's blob of this model. */
  public static int blobBytes(ModelSpec model) {
    return FIXED_BYTES + BlobShape.bytes(model) + model.parameterCount() * Float.BYTES;
  }

  public byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(blobBytes(model)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(FORMAT_VERSION);
    bytes.putInt(Versions.ARITHMETIC).putInt(Versions.AGGREGATION).putInt(round);
    BlobShape.write(model, bytes);
    parameters.write(bytes);
    return bytes.array();
  }

  /** The SHA-256 of the blob, as the commitment's root covers it; the grid has names of its own. */
  public Digest digest() {
    return Digest.of(encode());
  }

  /** Decodes the blob of this model at this round; every parameter is finite. */
  public static RoundModel decode(byte[] blob, ModelSpec model, int round) throws MalformedBlob {
    BlobReader reader = new BlobReader(blob, blobBytes(model));
    reader.expectMagic(MAGIC);
    reader.expect(Fault.WRONG_VERSION, "format version", FORMAT_VERSION);
    reader.expect(Fault.WRONG_VERSION, "arithmetic version", Versions.ARITHMETIC);
    reader.expect(Fault.WRONG_VERSION, "aggregation version", Versions.AGGREGATION);
    reader.expect(Fault.WRONG_PLACE, "round", round);
    reader.expectShape(model);
    return new RoundModel(model, round, reader.finiteParameters(model));
  }
}
