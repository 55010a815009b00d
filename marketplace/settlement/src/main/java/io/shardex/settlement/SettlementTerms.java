package io.shardex.settlement;

import io.shardex.market.Address;
import java.util.List;

/**
 * What a network's Settlement contract says of itself, to be compared with what was agreed on.
 *
 * @param validators in the order of its constructor's argument
 * @param threshold how many of them make a batch true
 */
public record SettlementTerms(
    Address token, Address escrow, Address stakeVault, List<Address> validators, int threshold) {
  public SettlementTerms {
    validators = List.copyOf(validators);
  }

  /**
   * Asks the contract.
   *
   * @throws ChainFailure.BadAnswer when there is no such contract
   */
  public static SettlementTerms read(ChainClient chain, Contracts contracts) {
    return new ContractViews(chain, contracts)
        .read(
            "terms of the Settlement contract " + contracts.settlement(),
            at ->
                new SettlementTerms(
                    Address.parse(at.settlement().token().send()),
                    Address.parse(at.settlement().escrow().send()),
                    Address.parse(at.settlement().vault().send()),
                    addresses(at.settlement().validators().send()),
                    at.settlement().threshold().send().intValueExact()));
  }

  private static List<Address> addresses(List<?> texts) {
    return texts.stream().map(text -> Address.parse(String.valueOf(text))).toList();
  }
}
