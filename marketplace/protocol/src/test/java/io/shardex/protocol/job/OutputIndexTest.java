package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Digest;
import io.shardex.protocol.job.OutputIndex.Output;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutputIndexTest {
  private static final Digest BLOB = Digest.parse("ab".repeat(32));
  private static final OutputIndex INDEX =
      new OutputIndex(List.of(new Output(0, BLOB, 512), new Output(2, BLOB, 0)));

  @Test
  void theBytesReadBackAsTheSame() {
    assertEquals(INDEX, OutputIndex.decode(INDEX.encoded()));
    OutputIndex none = new OutputIndex(List.of());
    assertEquals(none, OutputIndex.decode(none.encoded()));
    OutputIndex full =
        new OutputIndex(IntStream.range(0, 10_000).mapToObj(i -> new Output(i, BLOB, i)).toList());
    assertEquals(OutputIndex.MAX_BYTES, full.encoded().length);
    assertEquals(full, OutputIndex.decode(full.encoded()));
  }

  @Test
  void noOtherBytesAreRead() {
    byte[] bytes = INDEX.encoded();
    for (int length = 0; length < bytes.length; length++) {
      refused(Arrays.copyOf(bytes, length));
    }
    refused(Arrays.copyOf(bytes, bytes.length + 1));
    refused(ByteBuffer.allocate(8).putInt(0x53584f31).putInt(-1).array());
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      byte[] other = bytes.clone();
      other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertArrayEquals(other, OutputIndex.decode(other).encoded());
      } catch (IllegalArgumentException e) {
        // What is not canonical is refused, and nothing else happens.
      }
    }
  }

  private static void refused(byte[] bytes) {
    assertThrows(IllegalArgumentException.class, () -> OutputIndex.decode(bytes));
  }

  @Test
  void ranksThatDoNotAscendAreRefused() {
    Output output = new Output(1, BLOB, 5);
    assertThrows(IllegalArgumentException.class, () -> new OutputIndex(List.of(output, output)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new OutputIndex(List.of(output, new Output(0, BLOB, 5))));
    assertThrows(IllegalArgumentException.class, () -> new Output(-1, BLOB, 5));
    assertThrows(IllegalArgumentException.class, () -> new Output(0, BLOB, -1));
  }
}
