package io.shardex.training.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlobTest {
  private static final ModelSpec MODEL = new ModelSpec.Mlp(List.of(4, 3, 2), Activation.RELU, 1);
  private static final TrainingSpec SPEC =
      new TrainingSpec(MODEL, new LocalSpec.Sgd(1, 0, 4, 2), OuterSpec.AVERAGE, 3, 5, 31);
  private static final RoundModel ROUND =
      new RoundModel(MODEL, 4, InitialModel.of(MODEL).parameters());
  private static final ShardResult RESULT =
      new ShardResult(MODEL, 4, 2, 11, 6, 1.5, ROUND.parameters());

  static final ModelSpec.TorchScript MODULE =
      new ModelSpec.TorchScript(
          List.of(
              new ModelSpec.Tensor("conv.weight", List.of(2, 1, 2, 2)),
              new ModelSpec.Tensor("scale", List.of())),
          new ModelSpec.Image(4, 5, 1),
          3,
          100,
          7);

  private static byte[] with(byte[] blob, int offset, int value) {
    ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
    return blob;
  }

  private static void model(Fault fault, String message, byte[] blob) {
    MalformedBlob no = assertThrows(MalformedBlob.class, () -> RoundModel.decode(blob, MODEL, 4));
    assertEquals(message, no.getMessage());
    assertEquals(fault, no.fault());
  }

  private static void result(Fault fault, String message, byte[] blob) {
    MalformedBlob no =
        assertThrows(MalformedBlob.class, () -> ShardResult.decode(blob, SPEC, 4, 2));
    assertEquals(message, no.getMessage());
    assertEquals(fault, no.fault());
  }

  @Test
  void blobsRoundTrip() throws Exception {
    assertEquals(ROUND, RoundModel.decode(ROUND.encode(), MODEL, 4));
    assertEquals(RESULT, ShardResult.decode(RESULT.encode(), SPEC, 4, 2));
    assertEquals(1.5 / 22, RESULT.meanLoss(SPEC));
  }

  @Test
  void theModelBlobHasItsDocumentedLayout() {
    byte[] blob = ROUND.encode();
    assertEquals(RoundModel.blobBytes(MODEL), blob.length);
    assertArrayEquals(
        new byte[] {
          'S', 'D', 'X', 'M', 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0,
          0, 3, 0, 0, 0, 2, 0, 0, 0
        },
        Arrays.copyOf(blob, 36));
    ByteBuffer bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 23; i++) {
      assertEquals(ROUND.parameters().get(i), bytes.getFloat(36 + 4 * i));
    }
  }

  @Test
  void theResultBlobHasItsDocumentedLayout() {
    byte[] blob = RESULT.encode();
    assertEquals(ShardResult.blobBytes(MODEL), blob.length);
    assertArrayEquals(
        new byte[] {
          'S',
          'D',
          'X',
          'R',
          1,
          0,
          0,
          0,
          1,
          0,
          0,
          0,
          4,
          0,
          0,
          0,
          2,
          0,
          0,
          0,
          11,
          0,
          0,
          0,
          6,
          0,
          0,
          0,
          3,
          0,
          0,
          0,
          4,
          0,
          0,
          0,
          3,
          0,
          0,
          0,
          2,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          (byte) 0xf8,
          0x3f
        },
        Arrays.copyOf(blob, 52));
  }

  @Test
  void aHostileModelIsRefusedByName() {
    byte[] blob = ROUND.encode();
    int length = blob.length;
    model(
        Fault.WRONG_LENGTH,
        "expected a blob of 128 bytes, but it has 127",
        Arrays.copyOf(blob, length - 1));
    model(
        Fault.WRONG_LENGTH,
        "expected a blob of 128 bytes, but it has 129",
        Arrays.copyOf(blob, length + 1));
    model(Fault.WRONG_LENGTH, "expected a blob of 128 bytes, but it has 0", new byte[0]);
    model(
        Fault.WRONG_MAGIC,
        "expected magic 0x4d584453, but the blob begins with 0x00000000",
        with(ROUND.encode(), 0, 0));
    model(
        Fault.WRONG_VERSION,
        "expected format version 1, but the blob says 2",
        with(ROUND.encode(), 4, 2));
    model(
        Fault.WRONG_VERSION,
        "expected arithmetic version 1, but the blob says 2",
        with(ROUND.encode(), 8, 2));
    model(
        Fault.WRONG_VERSION,
        "expected aggregation version 1, but the blob says 2",
        with(ROUND.encode(), 12, 2));
    model(Fault.WRONG_PLACE, "expected round 4, but the blob says 5", with(ROUND.encode(), 16, 5));
    model(
        Fault.WRONG_SHAPE,
        "expected layer count 3, but the blob says -1",
        with(ROUND.encode(), 20, -1));
    model(
        Fault.WRONG_SHAPE,
        "expected width of layer 1 3, but the blob says 4",
        with(ROUND.encode(), 28, 4));
    model(
        Fault.NOT_FINITE,
        "expected finite parameters, but parameter 22 is NaN",
        with(ROUND.encode(), length - 4, Float.floatToIntBits(Float.NaN)));
    model(
        Fault.NOT_FINITE,
        "expected finite parameters, but parameter 0 is -Infinity",
        with(ROUND.encode(), 36, Float.floatToIntBits(Float.NEGATIVE_INFINITY)));
  }

  @Test
  void aHostileResultIsRefusedByName() {
    result(Fault.WRONG_LENGTH, "expected a blob of 144 bytes, but it has 128", ROUND.encode());
    result(
        Fault.WRONG_MAGIC,
        "expected magic 0x52584453, but the blob begins with 0x4d584453",
        with(RESULT.encode(), 0, 0x4d584453));
    result(
        Fault.WRONG_VERSION,
        "expected format version 1, but the blob says 0",
        with(RESULT.encode(), 4, 0));
    result(
        Fault.WRONG_VERSION,
        "expected arithmetic version 1, but the blob says 0",
        with(RESULT.encode(), 8, 0));
    result(
        Fault.WRONG_PLACE, "expected round 4, but the blob says 3", with(RESULT.encode(), 12, 3));
    result(
        Fault.WRONG_PLACE, "expected shard 2, but the blob says 1", with(RESULT.encode(), 16, 1));
    result(
        Fault.WRONG_PLACE,
        "expected sample count 11, but the blob says 12",
        with(RESULT.encode(), 20, 12));
    result(
        Fault.WRONG_PLACE,
        "expected step count 6, but the blob says 7",
        with(RESULT.encode(), 24, 7));
    result(
        Fault.WRONG_SHAPE,
        "expected width of layer 2 2, but the blob says 3",
        with(RESULT.encode(), 40, 3));
    result(
        Fault.NOT_FINITE,
        "expected a finite loss sum, but it is Infinity",
        with(RESULT.encode(), 48, 0x7ff00000));
    result(
        Fault.NOT_FINITE,
        "expected finite parameters, but parameter 1 is NaN",
        with(RESULT.encode(), 56, 0x7fc00000));
  }

  @Test
  void noBytesAtAllMakeDecodingFailOtherwise() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      byte[] blob = RESULT.encode();
      blob[random.nextInt(blob.length)] = (byte) random.nextInt();
      blob[random.nextInt(blob.length)] = (byte) random.nextInt();
      try {
        assertArrayEquals(blob, ShardResult.decode(blob, SPEC, 4, 2).encode());
      } catch (MalformedBlob no) {
        assertNotEquals("", no.getMessage());
      }
    }
  }

  @Test
  void aConvolutionalModelsBlobTellsItsWholeShape() throws MalformedBlob {
    ModelSpec cnn =
        new ModelSpec.Cnn(
            new ModelSpec.Image(4, 6, 2),
            List.of(new ModelSpec.Stage(3, 5)),
            List.of(3, 2),
            Activation.RELU,
            1);
    byte[] blob = InitialModel.of(cnn).encode();
    assertEquals(InitialModel.of(cnn), RoundModel.decode(blob, cnn, 0));
    List<String> names =
        List.of(
            "model kind",
            "image rows",
            "image columns",
            "image channels",
            "stage count",
            "kernel of stage 0",
            "channels of stage 0",
            "dense layer count",
            "width of dense layer 0",
            "width of dense layer 1");
    for (int i = 0; i < names.size(); i++) {
      byte[] other = with(InitialModel.of(cnn).encode(), 20 + 4 * i, 77);
      MalformedBlob no = assertThrows(MalformedBlob.class, () -> RoundModel.decode(other, cnn, 0));
      assertEquals(Fault.WRONG_SHAPE, no.fault());
      assertEquals(
          "expected " + names.get(i),
          String.valueOf(no.getMessage()).replaceAll(" \\d+, but.*", ""));
    }
    assertThrows(MalformedBlob.class, () -> RoundModel.decode(blob, MODEL, 0));
  }

  @Test
  void parametersAreEqualOnlyBitForBit() {
    assertNotEquals(Parameters.of(new float[] {0f}), Parameters.of(new float[] {-0f}));
    assertEquals(Parameters.of(new float[] {Float.NaN}), Parameters.of(new float[] {Float.NaN}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RoundModel(MODEL, 0, Parameters.of(new float[3])));
  }

  @Test
  void aTransformersBlobsRoundTripAndNoOtherShapeIsTaken() throws Exception {
    ModelSpec model = new ModelSpec.Transformer(5, 3, 4, 2, 1, 1);
    TrainingSpec spec =
        new TrainingSpec(model, new LocalSpec.Sgd(1, 0, 4, 2), OuterSpec.AVERAGE, 3, 5, 31);
    RoundModel round = new RoundModel(model, 4, InitialModel.of(model).parameters());
    ShardResult result = new ShardResult(model, 4, 2, 11, 6, 1.5, round.parameters());
    assertEquals(round, RoundModel.decode(round.encode(), model, 4));
    assertEquals(result, ShardResult.decode(result.encode(), spec, 4, 2));
    assertEquals(1.5 / 66, result.meanLoss(spec));
    ModelSpec oneHead = new ModelSpec.Transformer(5, 3, 4, 1, 1, 1);
    MalformedBlob no =
        assertThrows(MalformedBlob.class, () -> RoundModel.decode(round.encode(), oneHead, 4));
    assertEquals("expected heads 1, but the blob says 2", no.getMessage());
  }

  @Test
  void aBuildersOwnModuleHasItsDocumentedShape() throws Exception {
    Parameters parameters = Parameters.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    RoundModel round = new RoundModel(MODULE, 4, parameters);
    byte[] blob = round.encode();
    assertEquals(round, RoundModel.decode(blob, MODULE, 4));
    int[] shape = {0x314d5354, 4, 5, 1, 3, 2, 4, 2, 1, 2, 2, 0};
    ByteBuffer bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).position(20);
    for (int one : shape) {
      assertEquals(one, bytes.getInt());
    }
    assertEquals(1, bytes.getFloat());
    assertEquals(9 * 4 - 4, bytes.remaining());

    MalformedBlob no =
        assertThrows(
            MalformedBlob.class,
            () -> RoundModel.decode(with(round.encode(), 20 + 4 * 8, 2), MODULE, 4));
    assertEquals("expected extent of conv.weight 1, but the blob says 2", no.getMessage());
  }
}
