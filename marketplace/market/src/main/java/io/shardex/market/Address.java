package io.shardex.market;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The 20-byte address of a secp256k1 key or of a contract. Ordered as an unsigned number. */
public record Address(long a, long b, int c) implements Comparable<Address> {
  public static final int BYTES = 20;
  public static final Address ZERO = new Address(0, 0, 0);

  /** Throws {@link IllegalArgumentException} unless there are exactly 20 bytes. */
  public static Address of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("an address has 20 bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Address(buffer.getLong(), buffer.getLong(), buffer.getInt());
  }

  /** Reads 40 hex digits, with or without 0x; throws {@link IllegalArgumentException} otherwise. */
  public static Address parse(String hex) {
    return of(HexFormat.of().parseHex(hex.startsWith("0x") ? hex.substring(2) : hex));
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putInt(c).array();
  }

  /** The first ten characters, {@code 0x12345678}, for logs and screens. */
  public String brief() {
    return toString().substring(0, 10);
  }

  @Override
  public int compareTo(Address other) {
    int order = Long.compareUnsigned(a, other.a);
    order = order != 0 ? order : Long.compareUnsigned(b, other.b);
    return order != 0 ? order : Integer.compareUnsigned(c, other.c);
  }

  @Override
  public String toString() {
    return "0x" + HexFormat.of().formatHex(bytes());
  }
}
