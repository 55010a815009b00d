package io.shardex.settlement;

import static io.shardex.settlement.TestMarket.SPEC;
import static io.shardex.settlement.TestMarket.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.ChainEvent;
import io.shardex.market.FactValue.ChainPage;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChainEventsTest {
  private static TestMarket market;
  private static ChainEvents events;
  private static Stake stake;

  @BeforeAll
  static void start() throws IOException {
    market = TestMarket.instant("builder", "owner");
    events = new ChainEvents(market.chain, market.contracts);
    stake = new Stake(market.chain, market.contracts);
  }

  @AfterAll
  static void stop() {
    market.close();
  }

  @Test
  void eventsComeInTheOrderOfTheChainAlsoWithinABlock() {
    TransactionSender builder = market.sender("builder");
    TransactionSender owner = market.sender("owner");
    Escrow escrow = new Escrow(market.chain, market.contracts);
    long refundAt = market.in(Duration.ofHours(1));
    long before = market.chain.latestBlock();
    JobId job = escrow.deposit(builder, 1, SPEC, refundAt, tokens(1)).job();
    stake.stake(owner, tokens(5));
    market.dev.call("evm_setAutomine", false);
    List<Pending> sent = new ArrayList<>();
    Call unstake = requestUnstake(1);
    sent.addAll(owner.send(List.of(unstake, unstake, requestUnstake(2))));
    market.dev.call("evm_mine");
    market.dev.call("evm_setAutomine", true);
    sent.forEach(owner::await);

    assertEquals(
        List.of(
            new ChainEvent.Deposited(job, builder.address(), 1, SPEC, refundAt, tokens(1)),
            new ChainEvent.Staked(owner.address(), tokens(5)),
            new ChainEvent.UnstakeRequested(owner.address(), tokens(1)),
            new ChainEvent.UnstakeRequested(owner.address(), tokens(1)),
            new ChainEvent.UnstakeRequested(owner.address(), tokens(2))),
        events.events(before + 1, market.chain.latestBlock()));

    // The last block has three events; it is never split.
    ChainPage page = events.page(before + 1, market.chain.latestBlock(), 3);
    assertEquals(2, page.events().size());
    assertEquals(market.chain.latestBlock() - 1, page.to());
    assertEquals(market.chain.block(page.to()).orElseThrow().timeMillis(), page.toMillis());
    ChainPage rest = events.page(page.to() + 1, market.chain.latestBlock(), 2);
    assertEquals(3, rest.events().size());
  }

  @Test
  void theSameContractsDeployedByAnotherAreNotOurs() {
    TransactionSender owner = market.sender("owner");
    Contracts others =
        Deployment.deploy(
            market.sender("stranger"),
            new Deployment.Plan(
                Optional.of(market.contracts.token()),
                List.of(owner.address()),
                1,
                Amount.of(1),
                Duration.ofDays(1),
                Duration.ZERO,
                List.of()));
    long before = market.chain.latestBlock();

    new Stake(market.chain, others).stake(owner, tokens(1));

    assertEquals(List.of(), events.events(before + 1, market.chain.latestBlock()));
  }

  @Test
  void aBlockThatIsNotThereIsNoEmptyBlock() {
    long latest = market.chain.latestBlock();

    assertThrows(ChainFailure.BadAnswer.class, () -> events.page(latest, latest + 1, 10));
  }

  @Test
  void anAmountTheMarketCannotCountIsNamed() {
    TransactionSender whale = market.sender("whale");
    BigInteger huge = BigInteger.TWO.pow(63);
    market.deployer.run(
        Call.to(
            market.contracts.token(),
            "mint",
            Wrappers.token(market.contracts.token())
                .mint(whale.address().toString(), huge)
                .encodeFunctionCall()));
    whale.run(
        Call.to(
            market.contracts.token(),
            "approval",
            Wrappers.token(market.contracts.token())
                .approve(market.contracts.stakeVault().toString(), huge)
                .encodeFunctionCall()));
    Receipt receipt =
        whale.run(
            Call.to(
                market.contracts.stakeVault(),
                "stake",
                Wrappers.of(market.contracts).vault().stake(huge).encodeFunctionCall()));

    ChainFailure.AmountTooLarge tooLarge =
        assertThrows(
            ChainFailure.AmountTooLarge.class,
            () -> events.events(receipt.block(), receipt.block()));

    assertEquals(
        "the stake in transaction %s is %s base units, more than the market can count"
            .formatted(receipt.hash(), huge),
        tooLarge.getMessage());
  }

  private static Call requestUnstake(long tokens) {
    return Call.to(
            market.contracts.stakeVault(),
            "unstaking",
            Wrappers.of(market.contracts)
                .vault()
                .requestUnstake(Units.units(tokens(tokens)))
                .encodeFunctionCall())
        .withGas(200_000);
  }
}
