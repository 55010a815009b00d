package io.shardex.protocol.proof;

import io.shardex.market.Challenge;
import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.ChallengeSize;

/** The market's challenge in the words of the arithmetic. */
public final class HardwareChallenge {
  private HardwareChallenge() {}

  /**
   * What is to be computed.
   *
   * @throws IllegalArgumentException if its size is beyond the arithmetic's bounds
   */
  public static io.shardex.training.proof.Challenge of(Challenge asked) {
    return new io.shardex.training.proof.Challenge(
        digest(asked.seed()),
        new ChallengeSize(asked.side(), asked.links(), asked.blocks(), asked.steps()));
  }

  /** The same 32 bytes. */
  public static Digest digest(io.shardex.market.Digest digest) {
    return Digest.ofBytes(digest.bytes());
  }

  /** The same 32 bytes. */
  public static io.shardex.market.Digest digest(Digest digest) {
    return io.shardex.market.Digest.of(digest.bytes());
  }
}
