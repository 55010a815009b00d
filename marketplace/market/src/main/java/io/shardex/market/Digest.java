package io.shardex.market;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A 32-byte hash, SHA-256 unless its use says otherwise. Ordered as an unsigned big-endian number.
 */
public record Digest(long a, long b, long c, long d) implements Comparable<Digest> {
  public static final int BYTES = 32;
  public static final Digest ZERO = new Digest(0, 0, 0, 0);

  /** Throws {@link IllegalArgumentException} unless there are exactly 32 bytes. */
  public static Digest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Digest(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /** The SHA-256 of the parts, one after the other. */
  public static Digest sha256(byte[]... parts) {
    MessageDigest hash = newSha256();
    for (byte[] part : parts) {
      hash.update(part);
    }
    return of(hash.digest());
  }

  /** The SHA-256 of {@code length} bytes of {@code content} from {@code offset}. */
  public static Digest sha256(byte[] content, int offset, int length) {
    MessageDigest hash = newSha256();
    hash.update(content, offset, length);
    return of(hash.digest());
  }

  /** Reads 64 hex digits, with or without 0x; throws {@link IllegalArgumentException} otherwise. */
  public static Digest parse(String hex) {
    return of(HexFormat.of().parseHex(hex.startsWith("0x") ? hex.substring(2) : hex));
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  public String hex() {
    return HexFormat.of().formatHex(bytes());
  }

  /** The first eight hex digits, for logs and screens. */
  public String brief() {
    return hex().substring(0, 8);
  }

  @Override
  public int compareTo(Digest other) {
    int order = Long.compareUnsigned(a, other.a);
    order = order != 0 ? order : Long.compareUnsigned(b, other.b);
    order = order != 0 ? order : Long.compareUnsigned(c, other.c);
    return order != 0 ? order : Long.compareUnsigned(d, other.d);
  }

  @Override
  public String toString() {
    return "0x" + hex();
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
