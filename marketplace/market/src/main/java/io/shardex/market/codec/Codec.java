package io.shardex.market.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The canonical bytes of one type: one value has one encoding, and what does not decode throws
 * {@link MalformedBytes}. Records are written field after field, integers big-endian, lists and
 * strings after their length, unions after a tag that is never reused.
 */
public interface Codec<T> {
  void write(ByteSink sink, T value);

  T read(ByteSource source);

  default byte[] encode(T value) {
    ByteSink sink = new ByteSink();
    write(sink, value);
    return sink.toBytes();
  }

  /** Reads exactly one value; bytes left over are an error, so that an encoding is unique. */
  default T decode(byte[] bytes) {
    ByteSource source = new ByteSource(bytes);
    T value;
    try {
      value = read(source);
    } catch (IllegalArgumentException | ArithmeticException e) {
      // A record's constructor refused what was read.
      throw new MalformedBytes(String.valueOf(e.getMessage()));
    }
    if (source.remaining() > 0) {
      throw new MalformedBytes(source.remaining() + " bytes are left over");
    }
    return value;
  }

  /** The same bytes seen as another type. */
  default <U> Codec<U> as(Function<T, U> there, Function<U, T> back) {
    Codec<T> inner = this;
    return new Codec<>() {
      @Override
      public void write(ByteSink sink, U value) {
        inner.write(sink, back.apply(value));
      }

      @Override
      public U read(ByteSource source) {
        return there.apply(inner.read(source));
      }
    };
  }

  /** Presence as one byte, 0 or 1, then the value. */
  default Codec<Optional<T>> optional() {
    Codec<T> inner = this;
    return new Codec<>() {
      @Override
      public void write(ByteSink sink, Optional<T> value) {
        sink.putByte(value.isPresent() ? 1 : 0);
        value.ifPresent(present -> inner.write(sink, present));
      }

      @Override
      public Optional<T> read(ByteSource source) {
        return Primitives.BOOLEAN.read(source) ? Optional.of(inner.read(source)) : Optional.empty();
      }
    };
  }

  /** A count, then the elements. */
  default Codec<List<T>> list() {
    Codec<T> inner = this;
    return new Codec<>() {
      @Override
      public void write(ByteSink sink, List<T> values) {
        sink.putInt(values.size());
        values.forEach(value -> inner.write(sink, value));
      }

      @Override
      public List<T> read(ByteSource source) {
        int count = countIn(source);
        List<T> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          values.add(inner.read(source));
        }
        return values;
      }
    };
  }

  /** A count, then keys and values in ascending order of the keys; any other order is an error. */
  static <K extends Comparable<? super K>, V> Codec<NavigableMap<K, V>> map(
      Codec<K> keys, Codec<V> values) {
    return new Codec<>() {
      @Override
      public void write(ByteSink sink, NavigableMap<K, V> map) {
        sink.putInt(map.size());
        map.forEach(
            (key, value) -> {
              keys.write(sink, key);
              values.write(sink, value);
            });
      }

      @Override
      public NavigableMap<K, V> read(ByteSource source) {
        int count = countIn(source);
        TreeMap<K, V> map = new TreeMap<>();
        for (int i = 0; i < count; i++) {
          K key = keys.read(source);
          if (!map.isEmpty() && map.lastKey().compareTo(key) >= 0) {
            throw new MalformedBytes("keys are not in ascending order");
          }
          map.put(key, values.read(source));
        }
        return map;
      }
    };
  }

  /** Every element takes at least one byte, so a hostile count cannot claim much memory. */
  private static int countIn(ByteSource source) {
    int count = source.getInt();
    if (count < 0 || count > source.remaining()) {
      throw new MalformedBytes(count + " elements cannot be in " + source.remaining() + " bytes");
    }
    return count;
  }
}
