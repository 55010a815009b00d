package io.shardex.training.model;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

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
 * {@code head}. A builder's own module has the names and shapes its builder gave it.
 */
public final class SafeTensors {
  private SafeTensors() {}

  /** What a layer's tensors are called, up to "weight" and "bias", and the shape of its weights. */
  private record Layer(String prefix, ModelSpec.Fan fan, String shape, boolean transposed) {}

  /** A tensor as the header lists it; the shape is its extents with commas between them. */
  private record Entry(String name, String shape, int count) {}

  public static byte[] write(RoundModel model) {
    return switch (model.model()) {
      case ModelSpec.Layered layered -> write(layers(layered), model.parameters());
      case ModelSpec.TorchScript module -> write(module, model.parameters());
    };
  }

  private static byte[] write(ModelSpec.TorchScript module, Parameters parameters) {
    List<Entry> entries =
        module.tensors().stream()
            .map(tensor -> new Entry(tensor.name(), shape(tensor), tensor.count()))
            .toList();
    return file(entries, file -> write(parameters, 0, parameters.count(), file));
  }

  private static String shape(ModelSpec.Tensor tensor) {
    return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static byte[] write(List<Layer> layers, Parameters parameters) {
    return file(entries(layers), file -> write(layers, parameters, file));
  }

  private static void write(List<Layer> layers, Parameters parameters, ByteBuffer file) {
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
  }

  private static byte[] file(List<Entry> entries, Consumer<ByteBuffer> tensors) {
    byte[] header = header(entries).getBytes(StandardCharsets.US_ASCII);
    int numbers = entries.stream().mapToInt(Entry::count).sum();
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + header.length + numbers * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header);
    tensors.accept(file);
    return file.array();
  }

  private static List<Layer> layers(ModelSpec.Layered model) {
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

  private static List<Entry> entries(List<Layer> layers) {
    List<Entry> entries = new ArrayList<>();
    for (Layer layer : layers) {
      entries.add(new Entry(layer.prefix() + "weight", layer.shape(), layer.fan().weights()));
      int biases = layer.fan().biases();
      if (biases > 0) {
        entries.add(new Entry(layer.prefix() + "bias", Integer.toString(biases), biases));
      }
    }
    return entries;
  }

  private static String header(List<Entry> entries) {
    StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    int offset = 0;
    for (Entry entry : entries) {
      int end = offset + entry.count() * Float.BYTES;
      json.append(
          ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],".formatted(entry.name(), entry.shape()));
      json.append("\"data_offsets\":[%d,%d]}".formatted(offset, end));
      offset = end;
    }
    json.append('}');
    return json + " ".repeat(-json.length() & 7);
  }
}
