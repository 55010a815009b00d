package io.shardex.protocol.job;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file of float32 tensors: the length of its header (8 bytes, little-endian), a JSON
 * header, then the tensors without gaps.
 *
 * @param tensors in the order of their data
 * @param parameters the data as one vector
 */
public record TensorFile(List<Tensor> tensors, Parameters parameters) {
  private static final int MAX_HEADER_BYTES = 1 << 20;

  /** The longest file that is read. */
  public static final int MAX_BYTES =
      Long.BYTES + MAX_HEADER_BYTES + ModelSpec.MAX_PARAMETERS * Float.BYTES;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  public TensorFile {
    tensors = List.copyOf(tensors);
  }

  private record Entry(Tensor tensor, long from, long to) {}

  /**
   * Reads a file. {@link IllegalArgumentException} with a sentence in ASCII, the same on every
   * machine, for what is no such file, has other types, gaps, or more tensors or numbers than a
   * module may have.
   */
  public static TensorFile read(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes = file.length < Long.BYTES ? -1 : bytes.getLong();
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, bytes.remaining())) {
      throw new IllegalArgumentException(
          "expected a safetensors file with a header of at most %d bytes, but it does not begin"
                  .formatted(MAX_HEADER_BYTES)
              + " like one");
    }
    byte[] header = new byte[(int) headerBytes];
    bytes.get(header);
    List<Entry> entries = entries(header);
    long end = 0;
    for (Entry entry : entries) {
      long length = (long) entry.tensor().count() * Float.BYTES;
      if (entry.from() != end || entry.to() != end + length) {
        throw new IllegalArgumentException(
            "expected tensor %s at bytes %d to %d, behind the one before, but it is at %d to %d"
                .formatted(entry.tensor().name(), end, end + length, entry.from(), entry.to()));
      }
      end = entry.to();
    }
    if (end != bytes.remaining()) {
      throw new IllegalArgumentException(
          "expected %d bytes of tensors, but there are %d".formatted(end, bytes.remaining()));
    }
    float[] values = new float[Math.toIntExact(end / Float.BYTES)];
    bytes.asFloatBuffer().get(values);
    return new TensorFile(entries.stream().map(Entry::tensor).toList(), Parameters.of(values));
  }

  private static List<Entry> entries(byte[] header) {
    JsonNode root;
    try {
      root = JSON.readTree(header);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file's header is not JSON", e);
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.add(entry(field.getKey(), field.getValue()));
      }
      if (entries.size() > ModelSpec.TorchScript.MAX_TENSORS) {
        throw new IllegalArgumentException(
            "expected at most %d tensors, but there are more"
                .formatted(ModelSpec.TorchScript.MAX_TENSORS));
      }
    }
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("expected tensors, but the file lists none");
    }
    entries.sort(Comparator.comparingLong(Entry::from));
    return entries;
  }

  private static Entry entry(String name, JsonNode entry) {
    List<Integer> shape = new ArrayList<>();
    for (JsonNode extent : entry.path("shape")) {
      shape.add(Math.toIntExact(Math.min(number(extent), Integer.MAX_VALUE)));
    }
    Tensor tensor = new Tensor(name, shape);
    if (!entry.path("dtype").asText().equals("F32")) {
      throw new IllegalArgumentException(
          "expected tensor %s to be F32, but it is another type; save module.float()"
              .formatted(name));
    }
    JsonNode offsets = entry.path("data_offsets");
    return new Entry(tensor, number(offsets.path(0)), number(offsets.path(1)));
  }

  private static long number(JsonNode number) {
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
      throw new IllegalArgumentException(
          "expected whole numbers of 0 or more for shape and offsets of each tensor");
    }
    return number.asLong();
  }
}
