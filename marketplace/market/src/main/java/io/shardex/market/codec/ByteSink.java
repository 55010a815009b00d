package io.shardex.market.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing big-endian buffer that codecs write to. */
public final class ByteSink {
  private ByteBuffer buffer = ByteBuffer.allocate(256);

  public void putByte(int value) {
    room(1).put((byte) value);
  }

  public void putInt(int value) {
    room(Integer.BYTES).putInt(value);
  }

  public void putLong(long value) {
    room(Long.BYTES).putLong(value);
  }

  public void putBytes(byte[] bytes) {
    room(bytes.length).put(bytes);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
      buffer = ByteBuffer.allocate(size).put(buffer.array(), 0, buffer.position());
    }
    return buffer;
  }
}
