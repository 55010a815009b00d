package io.shardex.training.model;

import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads one blob field by field and compares each with what is expected. The length is checked
 * first, so nothing is allocated for a blob of another size.
 */
final class BlobReader {
  private final ByteBuffer bytes;

  BlobReader(byte[] blob, int expectedLength) throws MalformedBlob {
    if (blob.length != expectedLength) {
      throw new MalformedBlob(
          Fault.WRONG_LENGTH,
          "expected a blob of %d bytes, but it has %d".formatted(expectedLength, blob.length));
    }
    bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
  }

  void expect(Fault fault, String name, int expected) throws MalformedBlob {
    int found = bytes.getInt();
    if (found != expected) {
      throw new MalformedBlob(
          fault, "expected %s %d, but the blob says %d".formatted(name, expected, found));
    }
  }

  void expectMagic(int magic) throws MalformedBlob {
    int found = bytes.getInt();
    if (found != magic) {
      throw new MalformedBlob(
          Fault.WRONG_MAGIC,
          "expected magic 0x%08x, but the blob begins with 0x%08x".formatted(magic, found));
    }
  }

  void expectShape(ModelSpec model) throws MalformedBlob {
    for (BlobShape.Entry entry : BlobShape.entries(model)) {
      expect(Fault.WRONG_SHAPE, entry.name(), entry.value());
    }
  }

  byte[] bytes(int count) {
    byte[] read = new byte[count];
    bytes.get(read);
    return read;
  }

  double finiteDouble(String name) throws MalformedBlob {
    double value = bytes.getDouble();
    if (!Double.isFinite(value)) {
      throw new MalformedBlob(
          Fault.NOT_FINITE, "expected a finite %s, but it is %s".formatted(name, value));
    }
    return value;
  }

  Parameters finiteParameters(ModelSpec model) throws MalformedBlob {
    Parameters parameters = Parameters.read(bytes, model.parameterCount());
    for (int i = 0; i < parameters.count(); i++) {
      if (!Float.isFinite(parameters.get(i))) {
        throw new MalformedBlob(
            Fault.NOT_FINITE,
            "expected finite parameters, but parameter %d is %s".formatted(i, parameters.get(i)));
      }
    }
    return parameters;
  }
}
