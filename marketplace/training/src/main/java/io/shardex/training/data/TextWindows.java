package io.shardex.training.data;

import io.shardex.training.spec.SampleRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file of text cut into windows, one behind the other; the rest that fills no window is left out.
 * A window needs the byte behind it for its last label, so the {@linkplain #bytesOf bytes} of
 * neighbouring ranges overlap by one.
 *
 * @param bytes length of the file, 0 to {@link #MAX_BYTES}
 * @param window bytes of a sample, 2 or more
 */
public record TextWindows(long bytes, int window) {
  /** The longest text; it has at most 2^29 windows, as many as a job may have samples. */
  public static final long MAX_BYTES = 1L << 30;

  public TextWindows {
    if (bytes < 0 || bytes > MAX_BYTES || window < 2) {
      throw new IllegalArgumentException(
          "expected at most %d bytes and windows of 2 or more, but there are %d bytes and windows of %d"
              .formatted(MAX_BYTES, bytes, window));
    }
  }

  /** Windows of the file; none if it is shorter than one and the byte behind it. */
  public int count() {
    return Math.toIntExact(Math.max(0, bytes - 1) / window);
  }

  /** Where in the file the windows of a range lie, with the byte behind the last. */
  public ByteRange bytesOf(SampleRange windows) {
    if (windows.to() > count()) {
      throw new IllegalArgumentException(
          "expected windows up to %d, but the text has %d".formatted(windows.to(), count()));
    }
    return new ByteRange((long) windows.from() * window, (long) windows.count() * window + 1);
  }

  /** The windows of a range, from exactly the bytes that {@link #bytesOf} names for it. */
  public Samples samples(SampleRange windows, byte[] part) {
    long expected = bytesOf(windows).length();
    if (part.length != expected) {
      throw new IllegalArgumentException(
          "expected %d bytes for windows %d to %d, but there are %d"
              .formatted(expected, windows.from(), windows.to() - 1, part.length));
    }
    return Samples.windows(part, window);
  }

  /** All windows of a file; {@link IllegalArgumentException} if it has none or is too long. */
  public static Samples load(Path file, int window) throws IOException {
    TextWindows text = new TextWindows(Files.size(file), window);
    byte[] content = Files.readAllBytes(file);
    int whole = text.count() * window + 1;
    return Samples.windows(Arrays.copyOf(content, Math.min(whole, content.length)), window);
  }
}
