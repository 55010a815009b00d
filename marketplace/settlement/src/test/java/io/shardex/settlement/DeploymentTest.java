package io.shardex.settlement;

import static io.shardex.settlement.TestMarket.key;
import static io.shardex.settlement.TestMarket.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeploymentTest {
  @Test
  void everythingFitsIntoOneBlock() throws Exception {
    String[] people = {"builder", "owner", "other owner"};
    try (TestMarket market = new TestMarket(Anvil.start("--block-time", "1"), people)) {
      Contracts contracts = market.contracts;

      assertTrue(market.chain.latestBlock() <= contracts.startBlock() + 1);
      for (String who : people) {
        Address address = key(who).address();
        assertEquals(tokens(1_000), new Token(market.chain, contracts).balance(address));
      }
    }
  }

  @Test
  void theAddressesAreThoseTheContractsTell() throws Exception {
    try (TestMarket market = TestMarket.instant()) {
      Contracts contracts = market.contracts;

      List<String> told =
          new ContractViews(market.chain, contracts)
              .read(
                  "addresses",
                  at ->
                      List.of(
                          at.settlement().token().send(),
                          at.settlement().escrow().send(),
                          at.settlement().vault().send()));

      assertEquals(
          List.of(
              contracts.token().toString(),
              contracts.escrow().toString(),
              contracts.stakeVault().toString()),
          told);
    }
  }
}
