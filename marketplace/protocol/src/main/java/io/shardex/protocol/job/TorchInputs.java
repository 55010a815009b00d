package io.shardex.protocol.job;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardex.market.Digest;
import io.shardex.protocol.job.CommandInputs.Blob;
import io.shardex.training.spec.ModelSpec.Tensor;
import io.shardex.training.spec.ModelSpec.TorchScript;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a job with a builder's own module is made from, as the market names it: the module and its
 * initial parameters by blob id, the tensors these are, and the training data.
 *
 * <p>Canonical bytes, big-endian: {@code "SXT1"}, the module's blob id (32 bytes) and size (long),
 * the parameters' blob id and size, the number of tensors (int), for each its name's length (int),
 * its name in ASCII, its rank (int) and its extents (ints), then the canonical bytes of the data's
 * description.
 *
 * @param module at most {@link #MAX_MODULE_BYTES}
 * @param parameters a safetensors file, at most {@link TensorFile#MAX_BYTES}
 * @param tensors as {@link TorchScript} wants them, in the order of the file's data
 */
public record TorchInputs(
    Blob module, Blob parameters, List<Tensor> tensors, DataDescription.Idx data)
    implements TrainingInputs {
  /** The longest module. */
  public static final int MAX_MODULE_BYTES = 64 << 20;

  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'T' << 8 | '1';
  private static final int BLOB_BYTES = Digest.BYTES + Long.BYTES;
  private static final int TENSOR_BYTES =
      Integer.BYTES + Tensor.MAX_NAME + (1 + Tensor.MAX_RANK) * Integer.BYTES;

  /** The longest canonical bytes. */
  public static final int MAX_BYTES =
      2 * Integer.BYTES
          + 2 * BLOB_BYTES
          + TorchScript.MAX_TENSORS * TENSOR_BYTES
          + DataDescription.MAX_BYTES;

  public TorchInputs {
    tensors = List.copyOf(tensors);
    atMost("the module", module, MAX_MODULE_BYTES);
    atMost("the parameters", parameters, TensorFile.MAX_BYTES);
    bounded(tensors.size(), TorchScript.MAX_TENSORS);
  }

  private static void atMost(String what, Blob blob, long most) {
    if (blob.bytes() > most) {
      throw new IllegalArgumentException(
          "expected %s to have at most %d bytes, but there are %d"
              .formatted(what, most, blob.bytes()));
    }
  }

  private static int bounded(int count, int most) {
    if (count < 0 || count > most) {
      throw new IllegalArgumentException(
          "expected a count of 0 to %d, but it is %d".formatted(most, count));
    }
    return count;
  }

  @Override
  public List<Digest> blobs() {
    return List.of(module.id(), parameters.id(), data.images(), data.labels());
  }

  @Override
  public byte[] encoded() {
    ByteBuffer out = ByteBuffer.allocate(MAX_BYTES).putInt(MAGIC);
    put(out, module);
    put(out, parameters);
    out.putInt(tensors.size());
    for (Tensor tensor : tensors) {
      out.putInt(tensor.name().length()).put(tensor.name().getBytes(US_ASCII));
      out.putInt(tensor.shape().size());
      tensor.shape().forEach(out::putInt);
    }
    out.put(data.encoded());
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private static void put(ByteBuffer out, Blob blob) {
    out.put(blob.id().bytes()).putLong(blob.bytes());
  }

  /** Whether these can only be bytes of this kind. */
  static boolean begins(byte[] bytes) {
    return bytes.length >= Integer.BYTES && ByteBuffer.wrap(bytes).getInt() == MAGIC;
  }

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  public static TorchInputs decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      if (bytes.length > MAX_BYTES || in.getInt() != MAGIC) {
        throw new IllegalArgumentException("these bytes are no description of a module");
      }
      Blob module = blob(in);
      Blob parameters = blob(in);
      int count = bounded(in.getInt(), TorchScript.MAX_TENSORS);
      List<Tensor> tensors = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tensors.add(tensor(in));
      }
      byte[] data = new byte[in.remaining()];
      in.get(data);
      if (!(DataDescription.decode(data) instanceof DataDescription.Idx images)) {
        throw new IllegalArgumentException("a module is trained on images");
      }
      return new TorchInputs(module, parameters, tensors, images);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the description of a module is cut short", e);
    }
  }

  private static Blob blob(ByteBuffer in) {
    byte[] id = new byte[Digest.BYTES];
    in.get(id);
    return new Blob(Digest.of(id), in.getLong());
  }

  private static Tensor tensor(ByteBuffer in) {
    byte[] name = new byte[bounded(in.getInt(), Tensor.MAX_NAME)];
    in.get(name);
    int rank = bounded(in.getInt(), Tensor.MAX_RANK);
    List<Integer> shape = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      shape.add(in.getInt());
    }
    return new Tensor(new String(name, US_ASCII), shape);
  }
}
