package io.shardex.training.data;

import io.shardex.training.spec.SampleRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The headers of an images file and its labels file, which hold the same number of samples.
 *
 * <p>Reading a shard: {@link IdxHeader#bytesOf} of both headers says which bytes to fetch, {@link
 * #samples} makes samples of them.
 */
public record IdxPair(IdxHeader images, IdxHeader labels) {

  /** Pairs two headers; {@code imagesFile} and {@code labelsFile} are names for error messages. */
  public static IdxPair of(String imagesFile, IdxHeader images, String labelsFile, IdxHeader labels)
      throws MalformedIdx {
    if (images.count() != labels.count()) {
      throw new MalformedIdx(
          labelsFile,
          "expected %d labels, one an image of %s, but there are %d"
              .formatted(images.count(), imagesFile, labels.count()));
    }
    return new IdxPair(images, labels);
  }

  /** Parses the headers of two files. */
  public static IdxPair read(Path images, Path labels) throws IOException, MalformedIdx {
    return of(
        images.toString(),
        header(images, IdxHeader.Kind.IMAGES),
        labels.toString(),
        header(labels, IdxHeader.Kind.LABELS));
  }

  private static IdxHeader header(Path file, IdxHeader.Kind kind) throws IOException, MalformedIdx {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] prefix = in.readNBytes(IdxHeader.MAX_BYTES);
      return IdxHeader.parse(file.toString(), kind, prefix, Files.size(file));
    }
  }

  /** All samples of two files. */
  public static Samples load(Path images, Path labels) throws IOException, MalformedIdx {
    return of(
        images.toString(),
        Files.readAllBytes(images),
        labels.toString(),
        Files.readAllBytes(labels));
  }

  /** All samples of two files given as bytes, with names for error messages. */
  public static Samples of(String imagesFile, byte[] images, String labelsFile, byte[] labels)
      throws MalformedIdx {
    IdxPair pair =
        of(
            imagesFile,
            IdxHeader.parse(imagesFile, IdxHeader.Kind.IMAGES, images, images.length),
            labelsFile,
            IdxHeader.parse(labelsFile, IdxHeader.Kind.LABELS, labels, labels.length));
    SampleRange all = new SampleRange(0, pair.count());
    return pair.samples(all, cut(images, pair.images, all), cut(labels, pair.labels, all));
  }

  private static byte[] cut(byte[] file, IdxHeader header, SampleRange samples) {
    ByteRange range = header.bytesOf(samples);
    int from = Math.toIntExact(range.offset());
    return Arrays.copyOfRange(file, from, from + Math.toIntExact(range.length()));
  }

  /** Samples both files hold. */
  public int count() {
    return images.count();
  }

  /** The samples of a range, from exactly the bytes both headers name for it. */
  public Samples samples(SampleRange range, byte[] imageBytes, byte[] labelBytes)
      throws MalformedIdx {
    requireLength("images", images, range, imageBytes);
    requireLength("labels", labels, range, labelBytes);
    return Samples.of(imageBytes, labelBytes, images.recordBytes());
  }

  private static void requireLength(String what, IdxHeader header, SampleRange range, byte[] bytes)
      throws MalformedIdx {
    long expected = header.bytesOf(range).length();
    if (bytes.length != expected) {
      throw new MalformedIdx(
          what,
          "expected %d bytes for samples %d to %d, but there are %d"
              .formatted(expected, range.from(), range.to() - 1, bytes.length));
    }
  }
}
