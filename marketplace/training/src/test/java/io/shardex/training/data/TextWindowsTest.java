package io.shardex.training.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.spec.SampleRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextWindowsTest {
  private static final byte[] TEXT = "abcdefghijklmno".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;

  @Test
  void whatFillsNoWindowWithTheByteBehindItIsLeftOut() {
    assertEquals(0, new TextWindows(0, 4).count());
    assertEquals(0, new TextWindows(4, 4).count());
    assertEquals(1, new TextWindows(5, 4).count());
    assertEquals(1, new TextWindows(8, 4).count());
    assertEquals(2, new TextWindows(9, 4).count());
    assertEquals((1 << 29) - 1, new TextWindows(TextWindows.MAX_BYTES, 2).count());
  }

  @Test
  void neighboursShareTheByteThatIsOnesLastLabelAndTheOthersFirstToken() {
    TextWindows windows = new TextWindows(TEXT.length, 4);

    assertEquals(new ByteRange(0, 5), windows.bytesOf(new SampleRange(0, 1)));
    assertEquals(new ByteRange(4, 9), windows.bytesOf(new SampleRange(1, 3)));
    assertThrows(IllegalArgumentException.class, () -> windows.bytesOf(new SampleRange(2, 4)));
  }

  @Test
  void theBytesOfARangeAreItsPartOfTheWholeFile() throws Exception {
    Path file = Files.write(folder.resolve("text"), TEXT);
    Samples whole = TextWindows.load(file, 4);
    SampleRange range = new SampleRange(1, 3);

    Samples part = new TextWindows(TEXT.length, 4).samples(range, Arrays.copyOfRange(TEXT, 4, 13));

    assertEquals(3, whole.count());
    assertEquals(whole.slice(range).digest(), part.digest());
  }

  @Test
  void bytesOfAnotherLengthThanTheRangesAreRefused() {
    TextWindows windows = new TextWindows(TEXT.length, 4);
    assertEquals(
        "expected 9 bytes for windows 1 to 2, but there are 5",
        assertThrows(
                IllegalArgumentException.class,
                () -> windows.samples(new SampleRange(1, 3), new byte[5]))
            .getMessage());
  }

  @Test
  void aFileWithoutAWindowIsRefused() throws Exception {
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    Path brief = Files.write(folder.resolve("brief"), new byte[4]);
    assertThrows(IllegalArgumentException.class, () -> TextWindows.load(empty, 4));
    assertThrows(IllegalArgumentException.class, () -> TextWindows.load(brief, 4));
    assertThrows(
        IllegalArgumentException.class, () -> new TextWindows(TextWindows.MAX_BYTES + 1, 4));
  }
}
