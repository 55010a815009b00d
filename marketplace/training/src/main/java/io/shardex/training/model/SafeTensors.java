package io.shardex.training.model;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A model as a safetensors file: header length (8 bytes, little-endian), JSON header padded with
 * spaces to a multiple of 8, raw little-endian tensors.
 *
 * <p>Dense layer l becomes {@code <2 * l>.weight} of shape [outputs, inputs] and {@code <2 *
 * l>.bias}, the names and shapes of PyTorch's {@code Sequential(Linear, ReLU, Linear, ...)}.
 */
public final class SafeTensors {
  private SafeTensors() {}

  public static byte[] write(RoundModel model) {
    return switch (model.model()) {
      case ModelSpec.Mlp mlp -> write(mlp, model.parameters());
    };
  }

  private static byte[] write(ModelSpec.Mlp mlp, Parameters parameters) {
    byte[] header = header(mlp).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + header.length + parameters.count() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    List<Integer> layers = mlp.layers();
    int index = 0;
    for (int layer = 0; layer + 1 < layers.size(); layer++) {
      int inputs = layers.get(layer);
      int outputs = layers.get(layer + 1);
      writeTransposed(parameters, index, inputs, outputs, file);
      index += inputs * outputs;
      for (int j = 0; j < outputs; j++) {
        file.putFloat(parameters.get(index++));
      }
    }
    return file.array();
  }

  private static void writeTransposed(
      Parameters parameters, int index, int inputs, int outputs, ByteBuffer file) {
    for (int j = 0; j < outputs; j++) {
      for (int k = 0; k < inputs; k++) {
        file.putFloat(parameters.get(index + k * outputs + j));
      }
    }
  }

  private static String header(ModelSpec.Mlp mlp) {
    StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    List<Integer> layers = mlp.layers();
    int offset = 0;
    for (int layer = 0; layer + 1 < layers.size(); layer++) {
      int inputs = layers.get(layer);
      int outputs = layers.get(layer + 1);
      String name = Integer.toString(2 * layer);
      offset = tensor(json, name + ".weight", outputs + "," + inputs, offset, inputs * outputs);
      offset = tensor(json, name + ".bias", Integer.toString(outputs), offset, outputs);
    }
    json.append('}');
    return json + " ".repeat(-json.length() & 7);
  }

  private static int tensor(StringBuilder json, String name, String shape, int offset, int count) {
    int end = offset + count * Float.BYTES;
    json.append(",\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],".formatted(name, shape));
    json.append("\"data_offsets\":[%d,%d]}".formatted(offset, end));
    return end;
  }
}
