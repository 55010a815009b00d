package io.shardex.market.codec;

import java.util.HashMap;
import java.util.Map;

/**
 * A sealed family as a tag byte and the case's own bytes. Tags are given by hand and never reused,
 * so that old logs stay readable.
 */
public final class Union<T> implements Codec<T> {
  private final String name;
  private final Map<Class<?>, Case<? extends T>> byType = new HashMap<>();
  private final Map<Integer, Case<? extends T>> byTag = new HashMap<>();

  private record Case<C>(int tag, Class<C> type, Codec<C> codec) {
    void write(ByteSink sink, Object value) {
      sink.putByte(tag);
      codec.write(sink, type.cast(value));
    }
  }

  public Union(String name) {
    this.name = name;
  }

  public <C extends T> Union<T> with(int tag, Class<C> type, Codec<C> codec) {
    Case<C> added = new Case<>(tag, type, codec);
    if (byTag.put(tag, added) != null || byType.put(type, added) != null) {
      throw new IllegalArgumentException(name + " has tag " + tag + " or " + type + " twice");
    }
    return this;
  }

  @Override
  public void write(ByteSink sink, T value) {
    Case<? extends T> found = byType.get(value.getClass());
    if (found == null) {
      throw new IllegalStateException(value.getClass() + " has no tag in " + name);
    }
    found.write(sink, value);
  }

  @Override
  public T read(ByteSource source) {
    int tag = source.getByte();
    Case<? extends T> found = byTag.get(tag);
    if (found == null) {
      throw new MalformedBytes("no " + name + " has tag " + tag);
    }
    return found.codec().read(source);
  }
}
