package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.training.ShardTask;
import io.shardex.training.data.ByteRange;
import io.shardex.training.data.IdxPair;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.data.TextWindows;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.SampleRange;
import io.shardex.training.spec.TrainingSpec;

/**
 * All that executing a shard needs, put together from blobs and checked: only the shard's part of
 * the data, and the model it starts from. Workers, auditors and validators read the same.
 */
public record ShardInputs(ShardTask task, Samples samples) {
  /** Where blobs come from. */
  public interface Blobs<E extends Exception> {
    /** A whole blob; one of more bytes than {@code most} is refused. */
    byte[] whole(Digest blob, int most) throws E, InterruptedException;

    /** Part of a blob that has {@code blobBytes} bytes. */
    byte[] range(Digest blob, long blobBytes, long offset, int length)
        throws E, InterruptedException;
  }

  /** The blobs are not what they should be; the message says which and why. */
  public static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Where a shard's inputs lie.
   *
   * @param spec blob id of the job file
   * @param base blob id of the model the shard starts from
   * @param round as the market counts, from 1
   */
  public record Place(Digest spec, Digest base, int round, int shard) {}

  /**
   * Reads the inputs of one shard.
   *
   * @throws Unusable if the data or the model is malformed
   * @throws E if a blob cannot be read
   */
  public static <E extends Exception> ShardInputs read(
      TrainingSpec training, TrainingInputs inputs, Place place, Blobs<E> blobs)
      throws E, InterruptedException, Unusable {
    Samples samples = samples(training, inputs.data(), training.range(place.shard()), blobs);
    RoundModel base = base(training, place, blobs);
    return new ShardInputs(
        new ShardTask(
            training,
            trainingDigest(place.spec()),
            trainingDigest(inputs.digest()),
            base,
            trainingDigest(place.base()),
            place.shard()),
        samples);
  }

  private static <E extends Exception> Samples samples(
      TrainingSpec training, DataDescription data, SampleRange range, Blobs<E> blobs)
      throws E, InterruptedException, Unusable {
    try {
      Samples samples =
          switch (data) {
            case DataDescription.Idx idx -> images(idx, range, blobs);
            case DataDescription.Text text ->
                windows(text, training.model().inputs(), range, blobs);
          };
      samples.requireFits(training.model());
      return samples;
    } catch (MalformedIdx | IllegalArgumentException e) {
      throw new Unusable("the training data: " + e.getMessage(), e);
    }
  }

  private static <E extends Exception> Samples images(
      DataDescription.Idx data, SampleRange range, Blobs<E> blobs)
      throws E, InterruptedException, MalformedIdx {
    IdxPair files = data.files();
    byte[] labels = part(data.labels(), data.labelsBytes(), files.labels().bytesOf(range), blobs);
    byte[] images = part(data.images(), data.imagesBytes(), files.images().bytesOf(range), blobs);
    return files.samples(range, images, labels);
  }

  private static <E extends Exception> Samples windows(
      DataDescription.Text data, int window, SampleRange range, Blobs<E> blobs)
      throws E, InterruptedException {
    TextWindows windows = data.windows(window);
    byte[] part = part(data.text(), data.bytes(), windows.bytesOf(range), blobs);
    return windows.samples(range, part);
  }

  private static <E extends Exception> byte[] part(
      Digest blob, long blobBytes, ByteRange bytes, Blobs<E> blobs) throws E, InterruptedException {
    if (bytes.length() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a shard of " + bytes.length() + " bytes is too long for one array");
    }
    return blobs.range(blob, blobBytes, bytes.offset(), (int) bytes.length());
  }

  private static <E extends Exception> RoundModel base(
      TrainingSpec training, Place place, Blobs<E> blobs) throws E, InterruptedException, Unusable {
    byte[] blob = blobs.whole(place.base(), RoundModel.blobBytes(training.model()));
    try {
      // The market counts rounds from 1; the model that round 1 starts from has gone through none.
      return RoundModel.decode(blob, training.model(), place.round() - 1);
    } catch (MalformedBlob e) {
      throw new Unusable("the round's model: " + e.getMessage(), e);
    }
  }

  private static io.shardex.training.commitment.Digest trainingDigest(Digest digest) {
    return io.shardex.training.commitment.Digest.ofBytes(digest.bytes());
  }
}
