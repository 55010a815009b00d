package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final NetworkId NETWORK =
      new NetworkId(31_337, Address.parse("0x5fbdb2315678afecb367f032d93f642f64180aa3"));
  private static final TaskId TASK = new TaskId(new JobId(Digest.sha256(new byte[] {1})), 2, 3);
  private static final SigningKey KEY = SigningKey.of(secret());
  private static final Digest ROOT = Digest.sha256(new byte[] {2});
  private static final Digest RESULT = Digest.sha256(new byte[] {3});

  private static byte[] secret() {
    byte[] secret = new byte[32];
    secret[31] = 1;
    return secret;
  }

  private static Digest seal(TaskId task, long fence, Address signer, Digest root, Digest shown) {
    Digest salt = Seal.salt(KEY, NETWORK, TASK, 4);
    return Seal.of(NETWORK, task, fence, signer, root, shown, salt);
  }

  /** Both digests were computed by an independent program: SHA-256, and secp256k1 by RFC 6979. */
  @Test
  void saltAndSealAreTheKnownOnes() {
    assertEquals(
        "c4e69756b2b5cefdf59a62d463cd177862a7356cb9f7d6a2159786d461a28f39",
        Seal.salt(KEY, NETWORK, TASK, 4).hex());
    assertEquals(
        "dae3379b23a7083a338966bc980494ba75680502e6d69829cd883d4077289821",
        seal(TASK, 4, KEY.address(), ROOT, RESULT).hex());
  }

  @Test
  void everyPartOfASealCounts() {
    Digest seal = seal(TASK, 4, KEY.address(), ROOT, RESULT);
    TaskId otherShard = new TaskId(TASK.job(), 2, 4);

    assertNotEquals(seal, seal(otherShard, 4, KEY.address(), ROOT, RESULT));
    assertNotEquals(seal, seal(TASK, 5, KEY.address(), ROOT, RESULT));
    assertNotEquals(seal, seal(TASK, 4, Address.ZERO, ROOT, RESULT));
    assertNotEquals(seal, seal(TASK, 4, KEY.address(), RESULT, RESULT));
    assertNotEquals(seal, seal(TASK, 4, KEY.address(), ROOT, ROOT));
  }

  @Test
  void eachLeaseHasASaltOfItsOwn() {
    assertNotEquals(Seal.salt(KEY, NETWORK, TASK, 4), Seal.salt(KEY, NETWORK, TASK, 5));
    assertEquals(Seal.salt(KEY, NETWORK, TASK, 4), Seal.salt(KEY, NETWORK, TASK, 4));
  }
}
