package io.shardex.settlement;

import static io.shardex.settlement.TestMarket.key;
import static io.shardex.settlement.TestMarket.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.settlement.contract.DevToken;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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

  @Test
  void aPlannedDeploymentLandsWhereItWasPlannedOnce() throws Exception {
    try (Anvil anvil = Anvil.instant();
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID)) {
      TransactionSender deployer = funded(anvil, chain);
      Contracts planned = planned(chain, 0);

      Deployment.deployAt(0, deployer, PLAN);
      Deployment.deployAt(0, deployer, PLAN);

      assertEquals(2, chain.sentBy(deployer.address()));
      assertEquals(
          new SettlementTerms(
              planned.token(), planned.escrow(), planned.stakeVault(), PLAN.validators(), 2),
          SettlementTerms.read(chain, planned));
    }
  }

  @Test
  void aPlannedDeploymentGoesOnAfterTheToken() throws Exception {
    try (Anvil anvil = Anvil.instant();
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID)) {
      TransactionSender first = funded(anvil, chain);
      var unused = first.run(Call.creation("creation of the token", DevToken.BINARY, 1_000_000));

      Deployment.deployAt(0, new TransactionSender(chain, key("deployer"), Pace.local()), PLAN);

      assertEquals(2, chain.sentBy(first.address()));
      assertTrue(chain.hasCode(planned(chain, 0).settlement()));
    }
  }

  @Test
  void aPlannedDeploymentWaitsForWhatAnEarlierRunSent() throws Exception {
    try (Anvil anvil = Anvil.start("--block-time", "2");
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID)) {
      TransactionSender first = funded(anvil, chain);
      var unused = first.send(Call.creation("creation of the token", DevToken.BINARY, 1_000_000));

      Deployment.deployAt(0, new TransactionSender(chain, key("deployer"), Pace.local()), PLAN);

      assertEquals(2, chain.sentBy(first.address()));
      assertTrue(chain.hasCode(planned(chain, 0).settlement()));
    }
  }

  @Test
  void aMovedNonceIsNamedAndNothingIsDeployed() throws Exception {
    try (Anvil anvil = Anvil.instant();
        ChainClient chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID)) {
      TransactionSender deployer = funded(anvil, chain);
      var unused = deployer.run(Call.to(key("anybody").address(), "a transfer", "0x"));

      ChainFailure.NonceMoved moved =
          assertThrows(ChainFailure.NonceMoved.class, () -> Deployment.deployAt(0, deployer, PLAN));

      assertEquals(
          "expected the next nonce of %s to be 0, as planned, but it is 1"
              .formatted(deployer.address()),
          moved.getMessage());
      assertEquals(1, chain.sentBy(deployer.address()));
    }
  }

  @Test
  void anEndpointTellsItsChainAndATokenItsDecimals() throws Exception {
    try (TestMarket market = TestMarket.instant()) {
      assertEquals(Anvil.CHAIN_ID, ChainClient.chainIdOf(market.anvil.url()));
      assertEquals(6, Token.decimals(market.chain, market.contracts.token()));
      assertThrows(
          ChainFailure.BadAnswer.class,
          () -> Token.decimals(market.chain, key("nobody").address()));
    }
  }

  private static final Deployment.Plan PLAN =
      Deployment.Plan.usual(
          Optional.empty(),
          Stream.of("a", "b", "c").map(name -> key(name).address()).sorted().toList(),
          2,
          List.of());

  private static TransactionSender funded(Anvil anvil, ChainClient chain) {
    new DevChain(anvil.url()).setGasMoney(key("deployer").address(), BigInteger.TEN.pow(20));
    return new TransactionSender(chain, key("deployer"), Pace.local());
  }

  private static Contracts planned(ChainClient chain, long nonce) {
    return Deployment.addresses(
        chain.chainId(), key("deployer").address(), nonce, Optional.empty(), 0);
  }
}
