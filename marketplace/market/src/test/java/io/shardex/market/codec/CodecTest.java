package io.shardex.market.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.Result;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Seat;
import io.shardex.market.state.Standing;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
  private static final int SAMPLES = 200;

  /** A type, and the codec that must carry each of its cases. */
  private record Subject<T>(Class<T> type, Class<? extends T> instance, Codec<T> codec) {
    T sample(Samples samples) {
      return samples.of(instance);
    }

    @Override
    public String toString() {
      return type.getSimpleName() + " as " + instance.getSimpleName();
    }
  }

  static Stream<Subject<?>> subjects() {
    return Stream.of(
            subjects(Command.class, CommandCodecs.COMMAND),
            subjects(Envelope.class, CommandCodecs.ENVELOPE),
            subjects(Event.class, EventCodecs.EVENT),
            subjects(Outcome.class, EventCodecs.OUTCOME),
            subjects(Fact.class, ValueCodecs.FACT),
            subjects(FactValue.class, ValueCodecs.FACT_VALUE),
            subjects(JobTerms.class, ValueCodecs.JOB_TERMS),
            subjects(Network.class, ValueCodecs.NETWORK),
            subjects(Deposit.class, StateCodec.DEPOSIT),
            subjects(Job.class, StateCodec.JOB),
            subjects(Task.class, StateCodec.TASK),
            subjects(Worker.class, StateCodec.WORKER),
            subjects(SealedBatch.class, StateCodec.SEALED_BATCH),
            subjects(Result.class, StateCodec.RESULT),
            subjects(Standing.class, StateCodec.STANDING),
            subjects(Seat.class, StateCodec.SEAT))
        .flatMap(some -> some);
  }

  private static <T> Stream<Subject<?>> subjects(Class<T> type, Codec<T> codec) {
    return Samples.cases(type).map(found -> new Subject<>(type, found.asSubclass(type), codec));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  <T> void everyValueComesBackFromItsBytes(Subject<T> subject) {
    Samples samples = new Samples(1);
    for (int i = 0; i < SAMPLES; i++) {
      T value = subject.sample(samples);
      assertEquals(value, subject.codec().decode(subject.codec().encode(value)));
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  <T> void everyTruncationIsMalformed(Subject<T> subject) {
    Samples samples = new Samples(2);
    byte[] bytes = subject.codec().encode(subject.sample(samples));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(MalformedBytes.class, () -> subject.codec().decode(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(MalformedBytes.class, () -> subject.codec().decode(longer));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  <T> void garbledBytesAreMalformedOrTheOneEncodingOfAnotherValue(Subject<T> subject) {
    Samples samples = new Samples(3);
    Random random = new Random(3);
    for (int i = 0; i < SAMPLES; i++) {
      byte[] bytes = subject.codec().encode(subject.sample(samples));
      garble(bytes, random);
      canonicalOrMalformed(subject.codec(), bytes);
    }
  }

  private static void garble(byte[] bytes, Random random) {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          (byte) (random.nextBoolean() ? random.nextInt(4) : random.nextInt(256));
    }
  }

  static <T> void canonicalOrMalformed(Codec<T> codec, byte[] bytes) {
    T value;
    try {
      value = codec.decode(bytes);
    } catch (MalformedBytes e) {
      return;
    }
    assertArrayEquals(bytes, codec.encode(value));
  }

  @Test
  void aListThatClaimsMoreThanThereIsIsMalformed() {
    for (int count : new int[] {-1, Integer.MIN_VALUE, 1, Integer.MAX_VALUE}) {
      byte[] bytes = ByteBuffer.allocate(4).putInt(count).array();
      assertThrows(MalformedBytes.class, () -> Primitives.LONG.list().decode(bytes));
      assertThrows(
          MalformedBytes.class, () -> Codec.map(Primitives.LONG, Primitives.LONG).decode(bytes));
    }
  }

  @Test
  void textThatIsNotUtf8OrTooLongIsMalformed() {
    for (byte[] text :
        List.of(
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xff},
            new byte[Primitives.MAX_TEXT + 1])) {
      byte[] bytes = ByteBuffer.allocate(4 + text.length).putInt(text.length).put(text).array();
      assertThrows(MalformedBytes.class, () -> Primitives.TEXT.decode(bytes));
    }
    String longest = "\u20ac".repeat(Primitives.MAX_TEXT / 3);
    assertEquals(longest, Primitives.TEXT.decode(Primitives.TEXT.encode(longest)));
    assertEquals(1_023, longest.getBytes(StandardCharsets.UTF_8).length);
  }

  @Test
  void aMapWhoseKeysDoNotAscendIsMalformed() {
    for (long second : new long[] {1, 0}) {
      byte[] bytes =
          ByteBuffer.allocate(4 + 4 * 8)
              .putInt(2)
              .putLong(1)
              .putLong(7)
              .putLong(second)
              .putLong(7)
              .array();
      assertThrows(
          MalformedBytes.class, () -> Codec.map(Primitives.LONG, Primitives.LONG).decode(bytes));
    }
  }
}
