package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorFileTest {
  private static byte[] file(String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static String tensor(String name, String shape, String dtype, long from, long to) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, from, to);
  }

  private static void refused(String why, byte[] file) {
    IllegalArgumentException no =
        assertThrows(IllegalArgumentException.class, () -> TensorFile.read(file));
    assertTrue(String.valueOf(no.getMessage()).contains(why), no::toString);
    assertTrue(String.valueOf(no.getMessage()).matches("[ -~]+"), no::toString);
  }

  private static void refused(String why, String header, int dataBytes) {
    refused(why, file(header, dataBytes));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    TensorFile read = TensorFile.read(TorchJobs.parameters(1, 2, Float.NaN));
    assertEquals(TorchJobs.TENSORS, read.tensors());
    assertEquals(7_850, read.parameters().count());
    assertEquals(2, read.parameters().get(1));
  }

  @Test
  void theOrderIsThatOfTheDataAndMetadataIsNoTensor() {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + tensor("b", "[]", "F32", 8, 12)
            + ","
            + tensor("a", "[2]", "F32", 0, 8)
            + "}  ";
    byte[] file = file(header, 12);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putFloat(file.length - 4, 5);
    TensorFile read = TensorFile.read(file);
    assertEquals(
        List.of(new ModelSpec.Tensor("a", List.of(2)), new ModelSpec.Tensor("b", List.of())),
        read.tensors());
    assertEquals(5, read.parameters().get(2));
  }

  @Test
  void whatIsNoSafetensorsFileIsRefused() {
    refused("does not begin like one", new byte[0]);
    refused("does not begin like one", new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0});
    refused("does not begin like one", ByteBuffer.allocate(8).putLong(-1).array());
    refused("not JSON", "{\"a\":", 0);
    refused("not JSON", "[".repeat(100_000), 0);
    refused("lists none", "{}", 0);
    refused("lists none", "[1, 2]", 0);
    refused("lists none", "  ", 0);
  }

  @Test
  void twoTensorsOfOneNameAreRefused() {
    String twice =
        "{" + tensor("a", "[1]", "F32", 0, 4) + "," + tensor("a", "[1]", "F32", 4, 8) + "}";
    refused("not JSON", twice, 8);
  }

  @Test
  void otherTypesAreRefusedWithTheirFix() {
    refused("save module.float()", "{" + tensor("a", "[1]", "F16", 0, 2) + "}", 2);
    refused("save module.float()", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
    refused("whole numbers", "{" + tensor("a", "[1.5]", "F32", 0, 4) + "}", 4);
    refused("whole numbers", "{" + tensor("a", "[-1]", "F32", 0, 4) + "}", 4);
    refused("whole numbers", "{" + tensor("a", "[1e99]", "F32", 0, 4) + "}", 4);
    refused("whole numbers", "{" + tensor("a", "[99999999999999999999]", "F32", 0, 4) + "}", 4);
    refused("whole numbers", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4);
    refused("save module.float()", "{\"a\":3}", 4);
  }

  @Test
  void gapsOverlapsAndBytesLeftOverAreRefused() {
    refused("at bytes 0 to 4", "{" + tensor("a", "[1]", "F32", 4, 8) + "}", 8);
    refused("at bytes 0 to 8", "{" + tensor("a", "[2]", "F32", 0, 4) + "}", 8);
    refused(
        "at bytes 4 to 8",
        "{" + tensor("a", "[1]", "F32", 0, 4) + "," + tensor("b", "[1]", "F32", 0, 4) + "}",
        8);
    refused(
        "expected 4 bytes of tensors, but there are 5",
        "{" + tensor("a", "[1]", "F32", 0, 4) + "}",
        5);
    refused(
        "expected 4 bytes of tensors, but there are 0",
        "{" + tensor("a", "[1]", "F32", 0, 4) + "}",
        0);
  }

  @Test
  void moreThanAModuleMayHaveIsRefusedBeforeItIsTaken() {
    refused("numbers of tensor a", "{" + tensor("a", "[16777216,2]", "F32", 0, 1L << 27) + "}", 4);
    refused("extent of tensor a", "{" + tensor("a", "[4294967297]", "F32", 0, 4) + "}", 4);
    refused("rank of tensor a", "{" + tensor("a", "[1,1,1,1,1,1,1,1,1]", "F32", 0, 4) + "}", 4);
    refused("tensor name", "{" + tensor("a b", "[1]", "F32", 0, 4) + "}", 4);
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; i <= 1_024; i++) {
      many.append(i == 0 ? "" : ",").append(tensor("t" + i, "[1]", "F32", 4L * i, 4L * i + 4));
    }
    refused("at most 1024 tensors", many + "}", 4 * 1_025);
  }

  @Test
  void whateverTheBytesTheAnswerIsAFileOrARefusal() {
    byte[] original =
        file(
            "{" + tensor("a", "[1]", "F32", 0, 4) + "," + tensor("b", "[2]", "F32", 4, 12) + "}",
            12);
    for (long seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = original.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertTrue(TensorFile.read(bytes).parameters().count() <= 3);
      } catch (IllegalArgumentException refused) {
        assertTrue(String.valueOf(refused.getMessage()).matches("[ -~]+"), "seed " + seed);
      }
    }
  }
}
