package io.shardex.protocol.blob;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 digest: the name of a chunk (of its bytes) or of a blob (of its manifest's bytes).
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Sha256(String hex) implements Comparable<Sha256> {
  /** The length of a digest in bytes. */
  public static final int BYTES = 32;

  /**
   * Refuses anything but 64 lower-case hexadecimal digits with {@link IllegalArgumentException}.
   */
  public Sha256 {
    if (hex.length() != 2 * BYTES || !hex.chars().allMatch(Sha256::isLowerHex)) {
      throw new IllegalArgumentException(
          "a digest is 64 lower-case hexadecimal digits, not \"" + hex + "\"");
    }
  }

  /** The digest of {@code content}. */
  public static Sha256 of(byte[] content) {
    return of(content, 0, content.length);
  }

  /** The digest of {@code length} bytes of {@code content} from {@code offset}. */
  public static Sha256 of(byte[] content, int offset, int length) {
    MessageDigest digest = newMessageDigest();
    digest.update(content, offset, length);
    return ofBytes(digest.digest());
  }

  /** The digest whose 32 raw bytes are {@code bytes}. */
  public static Sha256 ofBytes(byte[] bytes) {
    return new Sha256(HexFormat.of().formatHex(bytes));
  }

  /** The 32 raw bytes. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public int compareTo(Sha256 other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }

  private static MessageDigest newMessageDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static boolean isLowerHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}
