package io.shardex.settlement;

import org.web3j.tx.exceptions.ContractCallException;

/** Reads the network's contracts through a client. */
record ContractViews(ChainClient chain, Contracts contracts) {
  /** What to read of the contracts. */
  @FunctionalInterface
  interface View<T> {
    T read(Wrappers at) throws Exception;
  }

  ContractViews {
    if (chain.chainId() != contracts.chainId()) {
      throw new IllegalArgumentException(
          "the contracts are on chain %d, not on %d"
              .formatted(contracts.chainId(), chain.chainId()));
    }
  }

  /** For encoding calls, which needs no node. */
  Wrappers calls() {
    return Wrappers.of(contracts);
  }

  /**
   * The state after the newest block, all values from one node.
   *
   * @throws ChainFailure.BadAnswer when there is no such contract
   */
  <T> T read(String what, View<T> view) {
    return chain.ask(
        what,
        node -> {
          try {
            return view.read(Wrappers.of(contracts, node));
          } catch (ContractCallException e) {
            throw new ChainFailure.BadAnswer(what + ": " + e.getMessage());
          }
        });
  }
}
