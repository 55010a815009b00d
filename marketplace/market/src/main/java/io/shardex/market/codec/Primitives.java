package io.shardex.market.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The codecs everything else is made of. */
public final class Primitives {
  /** No string in the market is longer, in bytes. */
  static final int MAX_TEXT = 1_024;

  public static final Codec<Integer> INT = of(ByteSink::putInt, ByteSource::getInt);
  public static final Codec<Long> LONG = of(ByteSink::putLong, ByteSource::getLong);
  public static final Codec<Boolean> BOOLEAN =
      of(
          (sink, value) -> sink.putByte(value ? 1 : 0),
          source -> {
            int bit = source.getByte();
            if (bit > 1) {
              throw new MalformedBytes("expected 0 or 1, but found " + bit);
            }
            return bit == 1;
          });
  public static final Codec<String> TEXT = of(Primitives::writeText, Primitives::readText);

  private Primitives() {}

  static Codec<byte[]> bytes(int count) {
    return of(
        (sink, value) -> {
          if (value.length != count) {
            throw new IllegalArgumentException("expected " + count + " bytes: " + value.length);
          }
          sink.putBytes(value);
        },
        source -> source.getBytes(count));
  }

  /** A constant as its place in the declaration: new constants go to the end. */
  public static <E extends Enum<E>> Codec<E> enumeration(Class<E> type) {
    List<E> values = List.of(type.getEnumConstants());
    return of(
        (sink, value) -> sink.putByte(values.indexOf(value)),
        source -> {
          int number = source.getByte();
          if (number >= values.size()) {
            throw new MalformedBytes("no " + type.getSimpleName() + " has number " + number);
          }
          return values.get(number);
        });
  }

  static <T> Codec<T> of(BiConsumer<ByteSink, T> write, Function<ByteSource, T> read) {
    return new Codec<>() {
      @Override
      public void write(ByteSink sink, T value) {
        write.accept(sink, value);
      }

      @Override
      public T read(ByteSource source) {
        return read.apply(source);
      }
    };
  }

  private static void writeText(ByteSink sink, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_TEXT) {
      throw new IllegalArgumentException("text of " + bytes.length + " bytes is too long");
    }
    sink.putInt(bytes.length);
    sink.putBytes(bytes);
  }

  private static String readText(ByteSource source) {
    int length = source.getInt();
    if (length < 0 || length > MAX_TEXT) {
      throw new MalformedBytes("text of " + length + " bytes");
    }
    try {
      // A decoder, not the String constructor: malformed UTF-8 must not have two readings.
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(source.getBytes(length)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedBytes("text is not UTF-8");
    }
  }
}
