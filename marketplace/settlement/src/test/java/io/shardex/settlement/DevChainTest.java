package io.shardex.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DevChainTest {
  @Test
  void tokensAreMadeInTheMintersName() throws Exception {
    try (TestMarket market = TestMarket.instant()) {
      assertTrue(market.dev.answers());

      String hash =
          market.dev.mint(market.contracts.token(), TestMarket.WORKER, TestMarket.tokens(25));

      assertTrue(hash.matches("0x[0-9a-f]{64}"), hash);
      assertEquals(
          TestMarket.tokens(25),
          new Token(market.chain, market.contracts).balance(TestMarket.WORKER));
    }
  }

  @Test
  void aContractWithoutAMinterIsRefused() throws Exception {
    try (TestMarket market = TestMarket.instant()) {
      assertThrows(
          ChainFailure.class,
          () ->
              market.dev.mint(market.contracts.escrow(), TestMarket.WORKER, TestMarket.tokens(25)));
    }
  }
}
