package io.shardex.market;

import io.shardex.pricing.Amount;

/** What the contracts did, as the validators read it from final blocks, in chain order. */
public sealed interface ChainEvent {
  /** Money for a job. {@code refundAt} is in seconds, as the chain counts. */
  record Deposited(
      JobId job, Address builder, long nonce, Digest spec, long refundAt, Amount amount)
      implements ChainEvent {}

  /** The builder alone took what was left after {@code refundAt}. */
  record Reclaimed(JobId job, Amount amount) implements ChainEvent {}

  record Staked(Address owner, Amount amount) implements ChainEvent {}

  record UnstakeRequested(Address owner, Amount amount) implements ChainEvent {}

  record Unstaked(Address owner, Amount amount) implements ChainEvent {}

  /** A batch was settled. Its totals, and those of every earlier batch, are now the chain's. */
  record Settled(long batch, Digest digest) implements ChainEvent {}

  /** A payee's line was larger than what was left of the job. */
  record Shortfall(JobId job, Address payee, Amount missing) implements ChainEvent {}
}
