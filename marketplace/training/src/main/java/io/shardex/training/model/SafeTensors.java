package io.shardex.training.model;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A model as a safetensors file: header length (8 bytes, little-endian), JSON header padded with
 * spaces to a multiple of 8, raw little-endian tensors.
 *
 * <p>Names and shapes are those PyTorch gives to the same model. A perceptron is {@code
 * Sequential(Linear, ReLU, Linear, ...)}: dense layer l becomes {@code <2 * l>.weight} of shape
 * [outputs, inputs] and {@code <2 * l>.bias}. A convolutional network of S stages is {@code
 * Sequential(Conv2d(..., padding="same"), ReLU, MaxPool2d(2), ..., Flatten, Linear, ReLU, ...)}:
 * stage s becomes {@code <3 * s>.weight} of shape [channels out, channels in, kernel, kernel],
 * dense layer l {@code <3 * S + 1 + 2 * l>.weight}. A transformer has {@code Embedding} tables
 * {@code tokens} and {@code positions}, {@code blocks.<b>} as {@code TransformerEncoderLayer(...,
 * norm_first=True)} with GELU in its tanh form, {@code LayerNorm} {@code norm}, {@code Linear}
 * {@code head}.
 */
public final class SafeTensors {
  private SafeTensors() {}

  /** What a layer's tensors are called, up to "weight" and "bias", and the shape of its weights. */
  private record Layer(String prefix, ModelSpec.Fan fan, String shape, boolean transposed) {}

  public static byte[] write(RoundModel model) {
    List<Layer> layers = layers(model.model());
    Parameters parameters = model.parameters();
    byte[] header = header(layers).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + header.length + parameters.count() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    int index = 0;
    for (Layer layer : layers) {
      ModelSpec.Fan fan = layer.fan();
      if (layer.transposed()) {
        writeTransposed(parameters, index, fan.inputs(), fan.outputs(), file);
      } else {
        write(parameters, index, fan.weights(), file);
      }
      index += fan.weights();
      write(parameters, index, fan.biases(), file);
      index += fan.biases();
    }
    return file.array();
  }

  private static List<Layer> layers(ModelSpec model) {
    List<Layer> layers = new ArrayList<>();
    List<ModelSpec.Fan> fans = model.fans();
    switch (model) {
      case ModelSpec.Mlp mlp -> addDense(0, fans, layers);
      case ModelSpec.Cnn cnn -> {
        int stages = cnn.stages().size();
        for (int s = 0; s < stages; s++) {
          layers.add(convolution(3 * s, cnn.stages().get(s).kernel(), fans.get(s)));
        }
        addDense(3 * stages + 1, fans.subList(stages, fans.size()), layers);
      }
      case ModelSpec.Transformer transformer -> addTransformer(transformer, layers);
    }
    return layers;
  }

  private static Layer convolution(int number, int kernel, ModelSpec.Fan fan) {
    int channels = fan.inputs() / (kernel * kernel);
    String shape = "%d,%d,%d,%d".formatted(fan.outputs(), channels, kernel, kernel);
    return new Layer(number + ".", fan, shape, false);
  }

  private static void addTransformer(ModelSpec.Transformer model, List<Layer> layers) {
    List<String> prefixes = new ArrayList<>(List.of("tokens.", "positions."));
    for (int b = 0; b < model.blocks(); b++) {
      for (String part :
          List.of(
              "norm1.",
              "self_attn.in_proj_",
              "self_attn.out_proj.",
              "norm2.",
              "linear1.",
              "linear2.")) {
        prefixes.add("blocks." + b + "." + part);
      }
    }
    prefixes.addAll(List.of("norm.", "head."));
    List<ModelSpec.Fan> fans = model.fans();
    for (int l = 0; l < fans.size(); l++) {
      ModelSpec.Fan fan = fans.get(l);
      layers.add(
          switch (fan.kind()) {
            case AFFINE -> dense(prefixes.get(l), fan);
            case TABLE ->
                new Layer(prefixes.get(l), fan, fan.inputs() + "," + fan.outputs(), false);
            case NORM -> new Layer(prefixes.get(l), fan, "" + fan.outputs(), false);
          });
    }
  }

  private static Layer dense(String prefix, ModelSpec.Fan fan) {
    return new Layer(prefix, fan, fan.outputs() + "," + fan.inputs(), true);
  }

  private static void addDense(int first, List<ModelSpec.Fan> fans, List<Layer> layers) {
    for (int l = 0; l < fans.size(); l++) {
      layers.add(dense(first + 2 * l + ".", fans.get(l)));
    }
  }

  private static void write(Parameters parameters, int index, int count, ByteBuffer file) {
    for (int i = 0; i < count; i++) {
      file.putFloat(parameters.get(index + i));
    }
  }

  private static void writeTransposed(
      Parameters parameters, int index, int inputs, int outputs, ByteBuffer file) {
    for (int j = 0; j < outputs; j++) {
      for (int k = 0; k < inputs; k++) {
        file.putFloat(parameters.get(index + k * outputs + j));
      }
    }
  }

  private static String header(List<Layer> layers) {
    StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    int offset = 0;
    for (Layer layer : layers) {
      String prefix = layer.prefix();
      int biases = layer.fan().biases();
      offset = tensor(json, prefix + "weight", layer.shape(), offset, layer.fan().weights());
      if (biases > 0) {
        offset = tensor(json, prefix + "bias", Integer.toString(biases), offset, biases);
      }
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
