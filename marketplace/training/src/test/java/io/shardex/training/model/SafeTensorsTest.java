package io.shardex.training.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SafeTensorsTest {
  private static final Pattern TENSOR =
      Pattern.compile(
          "\"([^\"]+)\":\\{\"dtype\":\"F32\",\"shape\":\\[([0-9,]+)],"
              + "\"data_offsets\":\\[(\\d+),(\\d+)]}");

  private record Tensor(String name, String shape, ByteBuffer data) {}

  private static List<Tensor> read(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(bytes.getLong());
    assertEquals(0, headerLength % 8);
    String json = new String(file, 8, headerLength, StandardCharsets.UTF_8);
    List<Tensor> tensors = new ArrayList<>();
    Matcher matcher = TENSOR.matcher(json);
    int end = 0;
    while (matcher.find()) {
      int from = Integer.parseInt(matcher.group(3));
      assertEquals(end, from);
      end = Integer.parseInt(matcher.group(4));
      ByteBuffer data = bytes.slice(8 + headerLength + from, end - from);
      tensors.add(
          new Tensor(matcher.group(1), matcher.group(2), data.order(ByteOrder.LITTLE_ENDIAN)));
    }
    assertEquals(file.length, 8 + headerLength + end);
    return tensors;
  }

  @Test
  void aModelIsReadBackWithWeightsAsOutputsByInputs() {
    ModelSpec spec = new ModelSpec.Mlp(List.of(3, 4, 2), Activation.RELU, 1);
    float[] values = new float[spec.parameterCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    byte[] file = SafeTensors.write(new RoundModel(spec, 1, Parameters.of(values)));
    List<Tensor> tensors = read(file);
    assertEquals(
        List.of("0.weight", "0.bias", "2.weight", "2.bias"),
        tensors.stream().map(Tensor::name).toList());
    assertEquals("4,3", tensors.get(0).shape());
    assertEquals("2", tensors.get(3).shape());
    assertEquals(0 * 4 + 1, tensors.get(0).data().getFloat(4 * (1 * 3 + 0)));
    assertEquals(2 * 4 + 3, tensors.get(0).data().getFloat(4 * (3 * 3 + 2)));
    assertEquals(12, tensors.get(1).data().getFloat(0));
    assertEquals(16 + 3 * 2, tensors.get(2).data().getFloat(4 * 3));
    assertEquals(25, tensors.get(3).data().getFloat(4));
  }

  @Test
  void aConvolutionIsReadBackAsPyTorchLaysItOut() {
    ModelSpec spec =
        new ModelSpec.Cnn(
            new ModelSpec.Image(4, 4, 2),
            List.of(new ModelSpec.Stage(3, 5)),
            List.of(3, 2),
            Activation.RELU,
            1);
    float[] values = new float[spec.parameterCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    List<Tensor> tensors = read(SafeTensors.write(new RoundModel(spec, 1, Parameters.of(values))));
    assertEquals(
        List.of("0.weight", "0.bias", "4.weight", "4.bias", "6.weight", "6.bias"),
        tensors.stream().map(Tensor::name).toList());
    assertEquals("5,2,3,3", tensors.get(0).shape());
    assertEquals("3,20", tensors.get(2).shape());
    assertEquals(89, tensors.get(0).data().getFloat(4 * 89));
    assertEquals(90 + 4, tensors.get(1).data().getFloat(4 * 4));
    assertEquals(95 + 7 * 3 + 2, tensors.get(2).data().getFloat(4 * (2 * 20 + 7)));
  }

  @Test
  void theHeaderIsPlainJson() {
    ModelSpec spec = new ModelSpec.Mlp(List.of(1, 2), Activation.RELU, 1);
    byte[] file = SafeTensors.write(InitialModel.of(spec));
    String json = new String(Arrays.copyOfRange(file, 8, file.length - 16), StandardCharsets.UTF_8);
    assertEquals(
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        json.strip());
  }

  @Test
  void aTransformerHasTheNamesAndShapesOfItsModules() {
    ModelSpec spec = new ModelSpec.Transformer(5, 3, 4, 2, 1, 1);
    float[] values = new float[spec.parameterCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    List<Tensor> tensors = read(SafeTensors.write(new RoundModel(spec, 1, Parameters.of(values))));
    assertEquals(
        List.of(
            "tokens.weight 5,4",
            "positions.weight 3,4",
            "blocks.0.norm1.weight 4",
            "blocks.0.norm1.bias 4",
            "blocks.0.self_attn.in_proj_weight 12,4",
            "blocks.0.self_attn.in_proj_bias 12",
            "blocks.0.self_attn.out_proj.weight 4,4",
            "blocks.0.self_attn.out_proj.bias 4",
            "blocks.0.norm2.weight 4",
            "blocks.0.norm2.bias 4",
            "blocks.0.linear1.weight 16,4",
            "blocks.0.linear1.bias 16",
            "blocks.0.linear2.weight 4,16",
            "blocks.0.linear2.bias 4",
            "norm.weight 4",
            "norm.bias 4",
            "head.weight 5,4",
            "head.bias 5"),
        tensors.stream().map(tensor -> tensor.name() + " " + tensor.shape()).toList());
    int tables = 5 * 4 + 3 * 4;
    assertEquals(7, tensors.get(0).data().getFloat(4 * 7));
    assertEquals(20 + 7, tensors.get(1).data().getFloat(4 * 7));
    assertEquals(tables + 4 + 1, tensors.get(3).data().getFloat(4));
    assertEquals(tables + 8 + 2 * 12 + 11, tensors.get(4).data().getFloat(4 * (11 * 4 + 2)));
    assertEquals(tables + 8 + 4 * 12 + 11, tensors.get(5).data().getFloat(4 * 11));
  }

  @Test
  void aBuildersOwnModuleHasItsNamesAndShapesAndTheVectorAsItIs() {
    ModelSpec module = BlobTest.MODULE;
    float[] values = {1, 2, 3, 4, 5, 6, 7, 8, -0f};
    byte[] file = SafeTensors.write(new RoundModel(module, 1, Parameters.of(values)));
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong());
    assertEquals(
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"conv.weight\":{\"dtype\":\"F32\",\"shape\":[2,1,2,2],\"data_offsets\":[0,32]},"
            + "\"scale\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[32,36]}}",
        new String(file, 8, header, StandardCharsets.UTF_8).strip());
    float[] read = new float[values.length];
    bytes.position(8 + header).asFloatBuffer().get(read);
    assertArrayEquals(values, read);
    assertEquals(file.length, 8 + header + 4 * values.length);
  }
}
