package io.shardex.market.codec;

import java.nio.ByteBuffer;

/** The bytes a codec reads from; running out of them throws {@link MalformedBytes}. */
public final class ByteSource {
  private final ByteBuffer buffer;

  public ByteSource(byte[] bytes) {
    this.buffer = ByteBuffer.wrap(bytes);
  }

  public int getByte() {
    return need(1).get() & 0xff;
  }

  public int getInt() {
    return need(Integer.BYTES).getInt();
  }

  public long getLong() {
    return need(Long.BYTES).getLong();
  }

  public byte[] getBytes(int count) {
    byte[] bytes = new byte[count];
    need(count).get(bytes);
    return bytes;
  }

  public int remaining() {
    return buffer.remaining();
  }

  private ByteBuffer need(int bytes) {
    if (bytes < 0 || buffer.remaining() < bytes) {
      throw new MalformedBytes(
          "expected " + bytes + " more bytes, but " + buffer.remaining() + " are left");
    }
    return buffer;
  }
}
