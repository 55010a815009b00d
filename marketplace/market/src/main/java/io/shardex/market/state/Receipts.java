package io.shardex.market.state;

import io.shardex.market.Digest;
import io.shardex.pricing.Amount;

/**
 * The running commitment to every verified shard's payment: root_n = SHA-256(root_(n-1),
 * receipt_n), so that a batch's root binds the whole history of payments in order.
 */
public record Receipts(long count, Digest root, Amount sum) {
  static final Receipts NONE = new Receipts(0, Digest.ZERO, Amount.ZERO);

  Receipts with(byte[] receipt, Amount paid) {
    return new Receipts(count + 1, Digest.sha256(root.bytes(), receipt), sum.plus(paid));
  }
}
