package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.training.ShardTask;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.TrainingSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardInputsTest {
  private static final int SAMPLES = 10;
  private static final int PIXELS = 4;
  private static final Digest SPEC = Digest.sha256(new byte[] {1});

  private final KeptBlobs blobs = new KeptBlobs();
  private final byte[] images = images();
  private final byte[] labels = labels();

  /** Blobs in memory that remember what was asked of them. */
  private static final class KeptBlobs implements ShardInputs.Blobs<IOException> {
    private final Map<Digest, byte[]> kept = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    Digest keep(byte[] content) {
      Digest id = Manifest.of(content).id();
      kept.put(id, content);
      return id;
    }

    @Override
    public byte[] whole(Digest blob, int most) throws IOException {
      asked.add(blob.brief() + " at most " + most);
      return find(blob);
    }

    @Override
    public byte[] range(Digest blob, long blobBytes, long offset, int length) throws IOException {
      asked.add(blob.brief() + " of " + blobBytes + ": " + offset + "+" + length);
      byte[] content = find(blob);
      int from = (int) Math.min(offset, content.length);
      return Arrays.copyOfRange(content, from, (int) Math.min(offset + length, content.length));
    }

    private byte[] find(Digest blob) throws IOException {
      byte[] content = kept.get(blob);
      if (content == null) {
        throw new FileNotFoundException(blob.toString());
      }
      return content;
    }
  }

  @Test
  void onlyTheShardsBytesAndTheModelItStartsFromAreRead() throws Exception {
    DataDescription.Idx data = described();
    TrainingSpec training = training(data);
    RoundModel model = new RoundModel(training.model(), 4, initial(training).parameters());
    Digest base = blobs.keep(model.encode());

    ShardInputs inputs =
        ShardInputs.read(training, data, new ShardInputs.Place(SPEC, base, 5, 1), blobs);

    // 10 samples in 3 shards: 3, 3 and 4. The second has samples 3 to 5.
    assertEquals(
        List.of(
            data.labels().brief() + " of 18: 11+3",
            data.images().brief() + " of 56: 28+12",
            base.brief() + " at most " + model.encode().length),
        blobs.asked);
    assertEquals(3, inputs.samples().count());
    assertEquals(
        new ShardTask(training, trained(SPEC), trained(data.digest()), model, trained(base), 1),
        inputs.task());
  }

  @Test
  void aModelOfAnotherRoundIsNamed() throws Exception {
    DataDescription.Idx data = described();
    TrainingSpec training = training(data);
    Digest base = blobs.keep(initial(training).encode());

    assertEquals(
        "the round's model: expected round 1, but the blob says 0",
        refusal(training, data, new ShardInputs.Place(SPEC, base, 2, 0)));
    assertEquals(3, ShardInputs.read(training, data, place(base), blobs).samples().count());
  }

  @Test
  void whateverIsMalformedIsNamed() throws Exception {
    DataDescription.Idx data = described();
    TrainingSpec training = training(data);
    Digest base = blobs.keep(initial(training).encode());

    Digest noise = blobs.keep(new byte[initial(training).encode().length]);
    assertEquals("the round's model", named(refusal(training, data, place(noise))));
    blobs.kept.put(data.images(), Arrays.copyOf(images, 20));
    assertEquals(
        "the training data: images: expected 12 bytes for samples 0 to 2, but there are 4",
        refusal(training, data, place(base)));
    blobs.kept.put(data.images(), images);
    blobs.kept.put(data.labels(), new byte[0]);
    assertEquals(
        "the training data: labels: expected 3 bytes for samples 0 to 2, but there are 0",
        refusal(training, data, place(base)));
    byte[] high = labels.clone();
    high[8] = 2;
    blobs.kept.put(data.labels(), high);
    assertEquals("the training data", named(refusal(training, data, place(base))));
  }

  @Test
  void aBlobThatCannotBeReadIsTheReadersTrouble() throws Exception {
    DataDescription.Idx data = described();
    TrainingSpec training = training(data);

    assertThrows(
        FileNotFoundException.class,
        () -> ShardInputs.read(training, data, place(Digest.ZERO), blobs));
  }

  private String refusal(TrainingSpec training, DataDescription data, ShardInputs.Place place) {
    return String.valueOf(
        assertThrows(
                ShardInputs.Unusable.class, () -> ShardInputs.read(training, data, place, blobs))
            .getMessage());
  }

  private static String named(String refusal) {
    return refusal.substring(0, refusal.indexOf(':'));
  }

  private static ShardInputs.Place place(Digest base) {
    return new ShardInputs.Place(SPEC, base, 1, 0);
  }

  private static RoundModel initial(TrainingSpec training) {
    return InitialModel.of(training.model());
  }

  private static io.shardex.training.commitment.Digest trained(Digest digest) {
    return io.shardex.training.commitment.Digest.ofBytes(digest.bytes());
  }

  private DataDescription.Idx described() {
    return new DataDescription.Idx(
        blobs.keep(images), images.length, blobs.keep(labels), labels.length, SAMPLES, 2, 2, 2);
  }

  private static TrainingSpec training(DataDescription data) throws JobRefused {
    String yaml = Jobs.edited("[784, 256, 10]", "[4, 3, 2]").replace("shards:  6", "shards:  3");
    return JobPlan.of(Jobs.parse(yaml).spec(), data, Jobs.network("cpu"), Instant.EPOCH).training();
  }

  private static byte[] images() {
    ByteBuffer bytes = ByteBuffer.allocate(16 + SAMPLES * PIXELS);
    bytes.putInt(0x0803).putInt(SAMPLES).putInt(2).putInt(2);
    while (bytes.hasRemaining()) {
      bytes.put((byte) bytes.position());
    }
    return bytes.array();
  }

  private static byte[] labels() {
    ByteBuffer bytes = ByteBuffer.allocate(8 + SAMPLES).putInt(0x0801).putInt(SAMPLES);
    while (bytes.hasRemaining()) {
      bytes.put((byte) (bytes.position() % 2));
    }
    return bytes.array();
  }
}
