package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import java.util.List;

/**
 * One node's replica.
 *
 * @param address which node answered
 * @param ready whether it takes commands
 * @param index last applied log index, -1 before the first
 * @param hash running hash up to the index
 * @param clockMillis market time
 * @param chainBlock last chain block read
 * @param validators their latest beats
 */
public record NodeStatus(
    NodeAddress address,
    boolean ready,
    long index,
    Digest hash,
    long slot,
    long clockMillis,
    long epoch,
    long epochEndsMillis,
    long chainBlock,
    List<ValidatorBeat> validators) {
  public NodeStatus {
    validators = List.copyOf(validators);
  }

  /** A validator's latest beat; slot -1 before its first. */
  public record ValidatorBeat(
      Address validator, long slot, long clockMillis, long finalBlock, long index, Digest hash) {}
}
