package io.shardex.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainClientTest {
  private static final Patience SHORT = new Patience(Duration.ofSeconds(2), 2);
  // Nothing listens on the port that TCP reserves.
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");

  @Test
  void anotherChainIsRefusedByName() throws Exception {
    try (Anvil anvil = Anvil.instant()) {
      ChainFailure.WrongChain wrong =
          assertThrows(
              ChainFailure.WrongChain.class,
              () -> ChainClient.connect(List.of(anvil.url()), 1, SHORT));

      assertEquals(
          "expected chain 1 at %s, but it is chain %d".formatted(anvil.url(), Anvil.CHAIN_ID),
          wrong.getMessage());
    }
  }

  @Test
  void withoutAnyEndpointTheChainIsUnavailable() {
    ChainFailure.Unavailable away =
        assertThrows(
            ChainFailure.Unavailable.class,
            () -> ChainClient.connect(List.of(NOBODY), Anvil.CHAIN_ID, SHORT));

    assertTrue(String.valueOf(away.getMessage()).contains(NOBODY.toString()));
  }

  @Test
  void theNextEndpointAnswersWhenTheFirstIsGone() throws Exception {
    try (Anvil first = Anvil.instant();
        Anvil second = Anvil.instant();
        ChainClient chain =
            ChainClient.connect(List.of(first.url(), second.url()), Anvil.CHAIN_ID, SHORT)) {
      new DevChain(second.url()).call("anvil_mine", "0x5");
      assertEquals(0, chain.latestBlock());

      first.kill();

      assertEquals(5, chain.latestBlock());
    }
  }

  @Test
  void anEndpointThatBecameAnotherChainIsNoticed() throws Exception {
    try (Anvil anvil = Anvil.instant();
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID, SHORT)) {
      anvil.kill();
      assertThrows(ChainFailure.Unavailable.class, chain::latestBlock);
      anvil.restartAs(7);

      assertThrows(ChainFailure.WrongChain.class, chain::latestBlock);
    }
  }

  @Test
  void aBlockHasItsTimeAndALaterOneIsNotThere() throws Exception {
    try (Anvil anvil = Anvil.start("--timestamp", "1700000000");
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID)) {
      assertEquals(1_700_000_000_000L, chain.block(0).orElseThrow().timeMillis());
      assertFalse(chain.block(1).isPresent());
    }
  }

  @Test
  void theFinalBlockLiesTheDepthBelowTheNewest() {
    assertEquals(97, new Confirmations(3).finalBlock(100));
  }
}
