package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.Network;

/**
 * Where a network's contracts are.
 *
 * @param startBlock the block of their creation: nothing of theirs is in an earlier one
 */
public record Contracts(
    long chainId,
    Address token,
    Address escrow,
    Address stakeVault,
    Address settlement,
    long startBlock) {
  public static Contracts of(Network network) {
    return new Contracts(
        network.chainId(),
        network.token(),
        network.escrow(),
        network.stakeVault(),
        network.settlement(),
        network.startBlock());
  }
}
