package io.shardex.settlement;

import static io.shardex.settlement.JobPayment.Kind.PAY;
import static io.shardex.settlement.JobPayment.Kind.REFUND;
import static io.shardex.settlement.TestMarket.OTHER_WORKER;
import static io.shardex.settlement.TestMarket.SPEC;
import static io.shardex.settlement.TestMarket.TREASURY;
import static io.shardex.settlement.TestMarket.WORKER;
import static io.shardex.settlement.TestMarket.batch;
import static io.shardex.settlement.TestMarket.key;
import static io.shardex.settlement.TestMarket.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The money's way through the contracts, on a real chain. */
class SettleTest {
  private static final AtomicLong LAST_NONCE = new AtomicLong();
  private static final AtomicLong LAST_BATCH = new AtomicLong();
  private static final Address OWNER = key("owner").address();

  private static TestMarket market;
  private static TransactionSender builder;
  private static TransactionSender node;
  private static Escrow escrow;
  private static BatchSender batches;
  private static ChainAccounts accounts;
  private static ChainEvents events;
  private static Token token;

  @BeforeAll
  static void start() throws IOException {
    market = TestMarket.instant("builder", "owner");
    builder = market.sender("builder");
    node = market.sender("node");
    escrow = new Escrow(market.chain, market.contracts);
    batches = new BatchSender(market.chain, market.contracts);
    accounts = new ChainAccounts(market.chain, market.contracts);
    events = new ChainEvents(market.chain, market.contracts);
    token = new Token(market.chain, market.contracts);
  }

  @AfterAll
  static void stop() {
    market.close();
  }

  @Test
  void theMarketAndTheContractGiveAJobTheSameId() {
    long refundAt = market.in(Duration.ofHours(1));

    Escrow.Deposit deposit = escrow.deposit(builder, -1, SPEC, refundAt, tokens(2));

    assertEquals(tokens(2), accounts.job(deposit.job()).orElseThrow().deposits());
    long block = deposit.receipt().block();
    assertEquals(
        List.of(
            new ChainEvent.Deposited(
                deposit.job(), builder.address(), -1, SPEC, refundAt, tokens(2))),
        events.events(block, block));
  }

  @Test
  void javaAndTheContractHashABatchAlike() {
    JobId job = new JobId(SPEC);
    Batch batch =
        batch(
            Long.MAX_VALUE,
            List.of(
                new Batch.PayLine(job, WORKER, tokens(3)),
                new Batch.PayLine(job, OTHER_WORKER, Amount.of(Long.MAX_VALUE))),
            List.of(new Batch.CloseLine(job, Amount.of(1))),
            List.of(new Batch.SlashLine(OWNER, Amount.of(5))),
            List.of(new Batch.CompensationLine(OWNER, WORKER, Amount.of(3))));

    byte[] onChain =
        new ContractViews(market.chain, market.contracts)
            .read("digest", at -> at.settlement().digestOf(BatchEncoding.abi(batch)).send());

    assertEquals(Digest.of(onChain), BatchEncoding.digest(batch));
  }

  @Test
  void twoOfThreeSignaturesPayAndBringingThemAgainChangesNothing() {
    JobId job = funded(tokens(10));
    Batch batch = batch(nextId(), List.of(pay(job, WORKER, 4), pay(job, TREASURY, 1)), List.of());
    long before = market.chain.latestBlock();
    Payouts payouts = new Payouts(market.chain, market.contracts);
    Amount had = payouts.withdrawable(WORKER);

    var first = batches.settle(node, market.signed(batch, 2), before);

    Receipt receipt = assertInstanceOf(BatchSender.Delivery.Brought.class, first).receipt();
    assertEquals(
        List.of(new ChainEvent.Settled(batch.id(), BatchEncoding.digest(batch))),
        events.events(receipt.block(), receipt.block()));
    assertEquals(had.plus(tokens(4)), payouts.withdrawable(WORKER));
    ChainAccounts.JobMoney money = accounts.job(job).orElseThrow();
    assertEquals(tokens(5), money.credited());
    assertEquals(tokens(5), money.left());

    // Known to be there; and, from a sender that does not look, settled again without effect.
    assertInstanceOf(
        BatchSender.Delivery.AlreadyThere.class,
        batches.settle(node, market.signed(batch, 2), before));
    assertInstanceOf(
        BatchSender.Delivery.Brought.class,
        batches.settle(node, market.signed(batch, 3), receipt.block()));
    assertEquals(money, accounts.job(job).orElseThrow());
    assertEquals(had.plus(tokens(4)), payouts.withdrawable(WORKER));
  }

  @Test
  void oneSignatureOfThreePaysNothing() {
    Batch batch = batch(nextId(), List.of(), List.of());

    ChainFailure.Reverted refused =
        assertThrows(
            ChainFailure.Reverted.class,
            () -> batches.settle(node, market.signed(batch, 1), market.chain.latestBlock()));

    assertEquals("NotEnoughAttestations(1, 2)", refused.reason());
  }

  @Test
  void whatAJobLacksIsToldAndTheRestIsPaid() {
    JobId job = funded(tokens(3));
    Batch batch =
        batch(nextId(), List.of(pay(job, WORKER, 2), pay(job, OTHER_WORKER, 2)), List.of());
    long before = market.chain.latestBlock();

    var unused = batches.settle(node, market.signed(batch, 2), before);

    assertEquals(
        List.of(
            new ChainEvent.Settled(batch.id(), BatchEncoding.digest(batch)),
            new ChainEvent.Shortfall(job, OTHER_WORKER, tokens(1))),
        events.events(before + 1, market.chain.latestBlock()));
    assertEquals(tokens(1), accounts.creditedTo(job, OTHER_WORKER));
  }

  @Test
  void closingAJobRefundsWhatItsFinalTotalLeaves() {
    TransactionSender alice = market.sender("alice");
    token.transfer(builder, alice.address(), tokens(10));
    JobId job = escrow.deposit(alice, 1, SPEC, market.in(Duration.ofHours(1)), tokens(10)).job();
    Batch batch =
        batch(nextId(), List.of(pay(job, WORKER, 4)), List.of(new Batch.CloseLine(job, tokens(6))));

    var unused = batches.settle(node, market.signed(batch, 2), market.chain.latestBlock());

    ChainAccounts.JobMoney money = accounts.job(job).orElseThrow();
    assertTrue(money.closed());
    assertEquals(tokens(4), money.refunded());
    assertEquals(tokens(2), money.left());
    Payouts payouts = new Payouts(market.chain, market.contracts);
    assertEquals(tokens(4), payouts.withdrawable(alice.address()));
    payouts.withdraw(alice, alice.address());
    assertEquals(tokens(4), token.balance(alice.address()));
  }

  @Test
  void theBuilderReclaimsWhatIsLeftFromTheRefundDateOn() {
    long refundAt = market.in(Duration.ofMinutes(10));
    JobId job = escrow.deposit(builder, nextNonce(), SPEC, refundAt, tokens(7)).job();
    Amount before = token.balance(builder.address());

    ChainFailure.Reverted tooEarly =
        assertThrows(ChainFailure.Reverted.class, () -> escrow.reclaim(builder, job));
    assertTrue(tooEarly.reason().startsWith("TooEarlyToReclaim(" + job), tooEarly.reason());
    market.pass(Duration.ofMinutes(11));
    Receipt receipt = escrow.reclaim(builder, job);

    assertEquals(before.plus(tokens(7)), token.balance(builder.address()));
    assertEquals(
        List.of(new ChainEvent.Reclaimed(job, tokens(7))),
        events.events(receipt.block(), receipt.block()));
  }

  @Test
  void stakeIsBondedUnbondedAndWithdrawn() {
    TransactionSender owner = market.sender("owner");
    Stake stake = new Stake(market.chain, market.contracts);
    long before = market.chain.latestBlock();

    stake.stake(owner, tokens(5));
    stake.requestUnstake(owner, tokens(2));
    assertThrows(ChainFailure.Reverted.class, () -> stake.withdraw(owner));
    market.pass(TestMarket.UNBONDING.plusSeconds(1));
    stake.withdraw(owner);

    assertEquals(
        List.of(
            new ChainEvent.Staked(OWNER, tokens(5)),
            new ChainEvent.UnstakeRequested(OWNER, tokens(2)),
            new ChainEvent.Unstaked(OWNER, tokens(2))),
        events.events(before + 1, market.chain.latestBlock()));
    assertEquals(tokens(3), accounts.stake(OWNER).bonded());
  }

  @Test
  void aDepositWithoutTheTokensSaysWhatIsMissing() {
    TransactionSender pauper = market.sender("pauper");

    ChainFailure.Reverted refused =
        assertThrows(
            ChainFailure.Reverted.class,
            () -> escrow.deposit(pauper, 1, SPEC, market.in(Duration.ofHours(1)), tokens(1)));

    assertEquals(
        "ERC20InsufficientBalance(%s, 0, 1000000)".formatted(pauper.address()), refused.reason());
  }

  @Test
  void theTotalsAreThoseOfTheTokensInTheContracts() {
    JobId job = funded(tokens(10));
    Batch batch =
        batch(
            nextId(),
            List.of(pay(job, WORKER, 4), pay(job, TREASURY, 1)),
            List.of(new Batch.CloseLine(job, tokens(5))));
    var unused = batches.settle(node, market.signed(batch, 2), market.chain.latestBlock());

    ChainTotals totals = accounts.totals(market.chain.latestBlock(), TREASURY);

    assertEquals(token.balance(market.contracts.escrow()), totals.left());
    assertEquals(
        token.balance(market.contracts.stakeVault()), totals.stakeIn().minus(totals.stakeOut()));
    assertEquals(new Payouts(market.chain, market.contracts).withdrawable(TREASURY), totals.fees());
  }

  @Test
  void thePaymentsOfAJobAreItsCreditsAndItsRefunds() {
    JobId other = funded(tokens(10));
    long refundAt = market.in(Duration.ofMinutes(10));
    JobId job = escrow.deposit(builder, nextNonce(), SPEC, refundAt, tokens(10)).job();
    Batch batch =
        batch(
            nextId(),
            List.of(pay(job, WORKER, 4), pay(job, TREASURY, 1), pay(other, WORKER, 2)),
            List.of(new Batch.CloseLine(job, tokens(7)), new Batch.CloseLine(other, tokens(10))));

    Receipt settled =
        assertInstanceOf(
                BatchSender.Delivery.Brought.class,
                batches.settle(node, market.signed(batch, 2), market.chain.latestBlock()))
            .receipt();
    market.pass(Duration.ofMinutes(11));
    Receipt reclaimed = escrow.reclaim(builder, job);

    List<JobPayment> all =
        List.of(
            new JobPayment(WORKER, tokens(4), PAY, settled.hash(), settled.block()),
            new JobPayment(TREASURY, tokens(1), PAY, settled.hash(), settled.block()),
            new JobPayment(builder.address(), tokens(3), REFUND, settled.hash(), settled.block()),
            new JobPayment(
                builder.address(), tokens(2), REFUND, reclaimed.hash(), reclaimed.block()));
    assertEquals(all, accounts.payments(job, reclaimed.block()));
    assertEquals(all.subList(0, 3), accounts.payments(job, reclaimed.block() - 1));
    assertEquals(
        List.of(new JobPayment(WORKER, tokens(2), PAY, settled.hash(), settled.block())),
        accounts.payments(other, reclaimed.block()));
    assertEquals(List.of(), accounts.payments(new JobId(SPEC), reclaimed.block()));
  }

  private static JobId funded(Amount amount) {
    return escrow.deposit(builder, nextNonce(), SPEC, market.in(Duration.ofHours(1)), amount).job();
  }

  private static Batch.PayLine pay(JobId job, Address payee, long tokens) {
    return new Batch.PayLine(job, payee, tokens(tokens));
  }

  private static long nextNonce() {
    return LAST_NONCE.incrementAndGet();
  }

  private static long nextId() {
    return LAST_BATCH.incrementAndGet();
  }
}
