package io.shardex.market;

import io.shardex.pricing.Amount;
import java.util.List;

/**
 * Payments on their way to the chain, as cumulative totals: settling a batch twice, late or after a
 * newer one changes nothing.
 *
 * @param logIndex index of the entry before the one that sealed the batch
 * @param stateHash running hash after that index
 * @param receiptsRoot head of the hash chain over the verified shards' receipts so far
 * @param receiptsSum sum over those receipts
 */
public record Batch(
    long id,
    long logIndex,
    Digest stateHash,
    Digest receiptsRoot,
    Amount receiptsSum,
    List<PayLine> pays,
    List<CloseLine> closes,
    List<SlashLine> slashes,
    List<CompensationLine> compensations) {
  public Batch {
    pays = List.copyOf(pays);
    closes = List.copyOf(closes);
    slashes = List.copyOf(slashes);
    compensations = List.copyOf(compensations);
  }

  /** What {@code payee} has earned from {@code job} in all. The fee treasury is a payee. */
  public record PayLine(JobId job, Address payee, Amount total) {}

  /** The job's payees together get {@code finalTotal}, for good; the rest goes back. */
  public record CloseLine(JobId job, Amount finalTotal) {}

  /** What the owner has lost in all. */
  public record SlashLine(Address owner, Amount total) {}

  /** What the beneficiary gets of the owner's loss in all. */
  public record CompensationLine(Address owner, Address beneficiary, Amount total) {}

  /** A validator's logged attestation of the batch, in the form the contract checks. */
  public record Endorsement(
      Address validator, int view, long nonce, long expiryMillis, Signature signature) {}
}
