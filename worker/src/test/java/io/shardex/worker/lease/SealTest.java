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

  private static Digest seal(TaskId task, long fence, Digest root, Digest shown) {
    return Seal.of(KEY, NETWORK, task, fence, root, shown);
  }

  /** Both digests were computed by an independent program: SHA-256, and secp256k1 by RFC 6979. */
  @Test
  void saltAndSealAreTheKnownOnes() {
    assertEquals(
        "4bbf452f0863df2b6c6c6ecc3f259da5140dc6c514156dbe3c9e1b7cb967c422",
        Seal.salt(KEY, NETWORK, TASK, 4).hex());
    assertEquals(
        "c89f93dc0c4f8c53fd8ec24b64dc08968cd548448431a096fc0a429d48ea2e9c",
        seal(TASK, 4, ROOT, RESULT).hex());
    assertEquals(
        "a4d44bf30dc45891f93a3237291620b56757dba7597cbc8d613cd086236294ef",
        Seal.salt(KEY, NETWORK, TASK.audit(9), 4).hex());
    assertEquals(
        "cec99846345613d52f385d6597b3bc658338181ec1993b6ac2e0d776beecb01b",
        seal(TASK.audit(9), 4, ROOT, RESULT).hex());
  }

  @Test
  void everyPartOfASealCounts() {
    Digest seal = seal(TASK, 4, ROOT, RESULT);
    TaskId otherShard = new TaskId(TASK.job(), 2, 4);
    SigningKey otherKey = SigningKey.fromSeed(1, "other");
    NetworkId otherNetwork = new NetworkId(31_338, NETWORK.settlement());

    assertNotEquals(seal, seal(otherShard, 4, ROOT, RESULT));
    assertNotEquals(seal, seal(TASK.audit(4), 4, ROOT, RESULT));
    assertNotEquals(seal, seal(TASK, 5, ROOT, RESULT));
    assertNotEquals(seal, seal(TASK, 4, RESULT, RESULT));
    assertNotEquals(seal, seal(TASK, 4, ROOT, ROOT));
    assertNotEquals(seal, Seal.of(otherKey, NETWORK, TASK, 4, ROOT, RESULT));
    assertNotEquals(seal, Seal.of(KEY, otherNetwork, TASK, 4, ROOT, RESULT));
  }

  @Test
  void eachLeaseHasASaltOfItsOwn() {
    assertNotEquals(Seal.salt(KEY, NETWORK, TASK, 4), Seal.salt(KEY, NETWORK, TASK, 5));
    assertEquals(Seal.salt(KEY, NETWORK, TASK, 4), Seal.salt(KEY, NETWORK, TASK, 4));
  }
}
