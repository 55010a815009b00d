package io.shardex.settlement;

import static io.shardex.settlement.TestMarket.WORKER;
import static io.shardex.settlement.TestMarket.key;
import static io.shardex.settlement.TestMarket.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionSenderTest {
  private static final Address RICH = key("rich").address();

  @Test
  void manyTransactionsFollowEachOtherWithoutWaiting() throws Exception {
    try (TestMarket market = TestMarket.instant("rich")) {
      TransactionSender rich = market.sender("rich");

      List<Pending> sent =
          rich.send(IntStream.range(0, 40).mapToObj(i -> transfer(market, 1)).toList());
      sent.forEach(rich::await);

      assertEquals(tokens(40), balance(market));
    }
  }

  @Test
  void aStuckTransactionIsSentAgainUnderItsNonceForMore() throws Exception {
    try (TestMarket market = TestMarket.instant("rich")) {
      TransactionSender rich = market.sender("rich");
      market.dev.call("evm_setAutomine", false);
      Pending pending = rich.send(transfer(market, 1));
      String first = pending.newest().hash();
      market.dev.call("anvil_setNextBlockBaseFeePerGas", "0x" + Long.toHexString(500_000_000_000L));
      market.dev.call("evm_mine");
      market.dev.call("evm_setAutomine", true);

      Receipt receipt = rich.await(pending);

      assertNotEquals(first, receipt.hash());
      assertEquals(tokens(1), balance(market));
    }
  }

  @Test
  void whatTheChainForgotIsExecutedExactlyOnce() throws Exception {
    try (TestMarket market = TestMarket.instant("rich")) {
      TransactionSender rich = market.sender("rich");
      String before = String.valueOf(market.dev.call("evm_snapshot"));
      rich.run(transfer(market, 1));
      market.dev.call("evm_revert", before);
      assertEquals(tokens(0), balance(market));

      rich.run(transfer(market, 10));

      assertEquals(tokens(11), balance(market));
    }
  }

  @Test
  void aKilledChainLosesItsLastSecondAndNoTransaction(@TempDir Path folder) throws Exception {
    Anvil anvil =
        Anvil.start(
            "--block-time",
            "1",
            "--state",
            folder.resolve("state.json").toString(),
            "--state-interval",
            "1");
    try (TestMarket market = new TestMarket(anvil, "rich")) {
      TransactionSender careful =
          market.sender("rich", TestMarket.pace().withConfirmations(new Confirmations(3)));
      // So old that its state is written: the contracts and the tokens are no part of the test.
      awaitBlock(market, market.chain.latestBlock() + 3);
      Pending pending = careful.send(transfer(market, 1));
      CompletableFuture<Receipt> settled =
          CompletableFuture.supplyAsync(() -> careful.await(pending));
      awaitBlock(market, market.chain.latestBlock() + 1);

      anvil.kill();
      // The client gives up meanwhile; the sender does not.
      assertThrows(ChainFailure.Unavailable.class, market.chain::latestBlock);
      anvil.restart();

      settled.join();
      assertEquals(tokens(1), balance(market));
    }
  }

  @Test
  void aSecondSenderOfTheSameKeyCountsAnew() throws Exception {
    try (TestMarket market = TestMarket.instant("rich")) {
      TransactionSender one = market.sender("rich");
      TransactionSender other = market.sender("rich");
      one.run(transfer(market, 1));
      other.run(transfer(market, 2));

      one.run(transfer(market, 4));

      assertEquals(tokens(7), balance(market));
    }
  }

  @Test
  void aTransactionWhoseNonceAnotherTookIsTold() throws Exception {
    try (TestMarket market = TestMarket.instant("rich")) {
      TransactionSender one = market.sender("rich");
      market.dev.call("evm_setAutomine", false);
      Pending pending = one.send(transfer(market, 1));
      market.dev.call("anvil_dropTransaction", pending.newest().hash());
      TransactionSender other = market.sender("rich");
      Pending winner = other.send(transfer(market, 2));
      market.dev.call("evm_mine");
      other.await(winner);

      assertThrows(ChainFailure.Displaced.class, () -> one.await(pending));
    }
  }

  @Test
  void aCallThatCannotSucceedIsRefusedBeforeItIsSent() throws Exception {
    try (TestMarket market = TestMarket.instant()) {
      TransactionSender poor = market.sender("rich");
      long before = market.chain.latestBlock();

      ChainFailure.Reverted refused =
          assertThrows(
              ChainFailure.Reverted.class,
              () -> new Token(market.chain, market.contracts).transfer(poor, WORKER, tokens(1)));

      assertEquals("ERC20InsufficientBalance(%s, 0, 1000000)".formatted(RICH), refused.reason());
      assertEquals(before, market.chain.latestBlock());
    }
  }

  private static void awaitBlock(TestMarket market, long number) {
    while (market.chain.latestBlock() < number) {
      ChainClient.pause("block " + number, 20);
    }
  }

  private static Call transfer(TestMarket market, long tokens) {
    return Call.to(
            market.contracts.token(),
            "transfer",
            Wrappers.token(market.contracts.token())
                .transfer(WORKER.toString(), Units.units(tokens(tokens)))
                .encodeFunctionCall())
        .withGas(100_000);
  }

  private static Amount balance(TestMarket market) {
    return new Token(market.chain, market.contracts).balance(WORKER);
  }
}
