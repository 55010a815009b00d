package io.shardex.market;

import java.nio.ByteBuffer;

/**
 * A job's identity: the hash the escrow contract computes of everything but the amount, so that
 * nobody can squat on it or give it another date.
 */
public record JobId(Digest value) implements Comparable<JobId> {
  /**
   * SHA-256 of the ABI encoding of (chain id, escrow, builder, nonce, spec digest, refund time), as
   * {@code JobEscrow.jobId} computes it.
   *
   * @param refundAt seconds since 1970, as the chain counts
   */
  public static JobId of(
      long chainId, Address escrow, Address builder, long nonce, Digest specDigest, long refundAt) {
    ByteBuffer words = ByteBuffer.allocate(6 * 32);
    putWord(words, chainId);
    putWord(words, escrow);
    putWord(words, builder);
    putWord(words, nonce);
    words.put(specDigest.bytes());
    putWord(words, refundAt);
    return new JobId(Digest.sha256(words.array()));
  }

  private static void putWord(ByteBuffer words, long value) {
    words.position(words.position() + 24).putLong(value);
  }

  private static void putWord(ByteBuffer words, Address value) {
    words.position(words.position() + 12).put(value.bytes());
  }

  public static JobId parse(String hex) {
    return new JobId(Digest.parse(hex));
  }

  public String brief() {
    return value.brief();
  }

  @Override
  public int compareTo(JobId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
