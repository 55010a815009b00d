package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.earnings.LeaseEarning;
import io.shardex.market.earnings.LeaseEarning.Standing;
import io.shardex.market.state.Account;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.PayeeAccount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.PayeeEvents;
import io.shardex.protocol.wire.PayeeHistory;
import io.shardex.protocol.wire.PayeeQuery;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway tells an owner of its earnings. */
class PayeeHistoryTest {
  private static final Digest SPEC = Digest.sha256(new byte[] {1});
  private static final Digest DATA = Digest.sha256(new byte[] {2});
  private static final Digest MODEL = Digest.sha256(new byte[] {3});
  private static final Digest RESULT = Digest.sha256(new byte[] {4});
  private static final SigningKey ANOTHER = SigningKey.fromSeed(1, "another owner");

  private final TestDoor door = new TestDoor(5);
  private final LocalMarket market = door.market;
  private final SigningKey worker = market.worker("w");
  private final SigningKey auditor = market.worker("a", ANOTHER);

  private MarketGrpc.@Nullable MarketBlockingStub stub;

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void earningsAreWhatTheLedgerSaysPendingAndThenPaid() throws Exception {
    JobId job = anAuditedJob();
    MarketClient client = client();
    for (Address owner : List.of(market.owner.address(), ANOTHER.address())) {
      Amount owed = ledger(job, owner);
      assertFalse(owed.isZero());

      PayeeAccount before = client.earnings(owner);
      assertEquals(Map.of(job, owed), before.earnings().earned());
      assertEquals(owed, before.earnings().sum(false));
      assertEquals(Amount.ZERO, before.earnings().sum(true));
      assertTrue(before.whole());
    }
    Amount owed = ledger(job, market.owner.address());

    settle();

    PayeeAccount after = client.earnings(market.owner.address());
    assertEquals(owed, after.earnings().sum(true));
    assertEquals(Amount.ZERO, after.earnings().sum(false));
    LeaseEarning lease = after.earnings().leases().iterator().next();
    assertEquals(new TaskId(job, 1, 0), lease.task());
    assertEquals(worker.address(), lease.worker());
    assertEquals(Standing.EARNED, lease.standing());
    assertEquals(owed, lease.pay());
    assertTrue(lease.changedMillis() > lease.grantedMillis());
  }

  @Test
  void anOwnerThatNobodyKnowsHasEarnedNothing() throws Exception {
    assertEquals(
        Map.of(), client().earnings(SigningKey.fromSeed(1, "x").address()).earnings().earned());
  }

  @Test
  void aLeaseThatRanOutIsWithheldWithItsReason() throws Exception {
    market.asks(worker);
    JobId job = market.job(SPEC, DATA, MODEL, 1);
    TaskId task = market.lease(worker);
    for (int slot = 0; market.lease(worker).equals(task); slot++) {
      assertTrue(slot < 2_000, "the lease does not end");
      market.sync();
      if (market.find(worker).orElseThrow().lease().isEmpty()) {
        break;
      }
    }

    LeaseEarning lease =
        client().earnings(market.owner.address()).earnings().leases().iterator().next();

    assertEquals(job, lease.task().job());
    assertEquals(Standing.WITHHELD, lease.standing());
    assertEquals("EXPIRED", lease.why());
    assertEquals(Amount.ZERO, lease.pay());
  }

  @Test
  void pagesOfOneCommandAreTogetherTheWholeHistoryOnce() throws Exception {
    JobId unused = anAuditedJob();
    settle();
    List<PayeeEvents> whole = page(0, WireLimits.PAGE).getCommandsList();
    assertTrue(whole.size() > 3, whole.toString());

    List<PayeeEvents> told = new ArrayList<>();
    PayeeHistory page;
    long after = 0;
    do {
      page = page(after, 1);
      assertEquals(1, page.getCommandsCount());
      told.addAll(page.getCommandsList());
      after = page.getNext();
    } while (page.getMore());

    assertEquals(whole, told);
    assertEquals(0, page(after, 1).getCommandsCount());
  }

  @Test
  void itOutlivesARestartInWhichTheLogIsAppliedAgain() throws Exception {
    JobId unused = anAuditedJob();
    settle();
    List<PayeeEvents> whole = page(0, WireLimits.PAGE).getCommandsList();
    market.history().written().sync();
    NodeHistory again = NodeHistory.open(market.folder, NetworkId.of(market.network));
    for (LocalMarket.Applied one : market.applied) {
      again.happened(one.at(), one.events(), market.read(state -> state));
    }
    Gateway gateway = door.gateway(new RestartedPort(market, new CommittedEvents(5, 10), again));

    PayeeHistory told = page(stub(gateway), 0, WireLimits.PAGE);

    assertEquals(whole, told.getCommandsList());
    assertTrue(told.getWhole());
    again.close();
  }

  @Test
  void aNodeThatBeganToKeepItLateSaysSo() throws Exception {
    JobId unused = anAuditedJob();
    market.history().written().sync();
    Files.delete(market.folder.resolve("payees").resolve("first"));
    NodeHistory late = NodeHistory.open(market.folder, NetworkId.of(market.network));
    Gateway gateway = door.gateway(new RestartedPort(market, new CommittedEvents(5, 10), late));

    assertFalse(page(stub(gateway), 0, 1).getWhole());
    late.close();
  }

  @Test
  void aSnapshotsHoleIsSaid() throws Exception {
    market.history().restored(market.index() + 10);
    market.jumpTo(market.index() + 10);
    market.sync();

    assertFalse(page(0, 1).getWhole());
  }

  @Test
  void badQuestionsAreRefused() throws Exception {
    ByteString owner = WireValues.bytes(market.owner.address());
    for (PayeeQuery bad :
        List.of(
            PayeeQuery.newBuilder().setPayee(owner).build(),
            PayeeQuery.newBuilder().setPayee(owner).setLimit(WireLimits.PAGE + 1).build(),
            PayeeQuery.newBuilder().setPayee(owner).setLimit(1).setAfter(-1).build(),
            PayeeQuery.newBuilder().setPayee(owner.substring(1)).setLimit(1).build())) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> stub(door.gateway()).query(QueryRequest.newBuilder().setPayee(bad).build()));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
  }

  @Test
  void aPlaceInTheMiddleOfARecordTellsNothingFalse() throws Exception {
    JobId unused = anAuditedJob();

    assertEquals(0, page(3, WireLimits.PAGE).getCommandsCount());
    assertEquals(0, page(Long.MAX_VALUE, WireLimits.PAGE).getCommandsCount());
  }

  /** A job of one shard, trained and audited to the end; nothing of it is on the chain. */
  private JobId anAuditedJob() {
    market.asks(worker);
    JobId job = market.job(SPEC, DATA, MODEL, 1);
    TaskId task = market.lease(worker);
    market.say(worker, new Command.WithdrawAsk());
    market.asks(auditor);
    long fence = market.read(state -> state.task(task).orElseThrow().fence());
    market.seals(worker, RESULT);
    TaskId audit = market.draws(auditor);
    long auditFence = market.read(state -> state.task(audit).orElseThrow().fence());
    market.seals(auditor, RESULT);
    market.reveals(worker, task, fence, RESULT);
    market.reveals(auditor, audit, auditFence, RESULT);
    for (int slot = 0; ledger(job, market.owner.address()).isZero(); slot++) {
      assertTrue(slot < 100, "the round does not close");
      market.sync();
    }
    return job;
  }

  private void settle() {
    for (int slot = 0; market.signed().isEmpty(); slot++) {
      assertTrue(slot < 100, "no batch is signed");
      market.sync();
    }
    market.signed().forEach(market::settles);
  }

  private Amount ledger(JobId job, Address payee) {
    return market.read(state -> state.ledger().balance(Account.paid(job, payee)));
  }

  private PayeeHistory page(long after, int limit) throws IOException {
    MarketGrpc.MarketBlockingStub open = stub;
    if (open == null) {
      open = stub(door.gateway());
      stub = open;
    }
    return page(open, after, limit);
  }

  private PayeeHistory page(MarketGrpc.MarketBlockingStub stub, long after, int limit) {
    return stub.query(
            QueryRequest.newBuilder()
                .setPayee(
                    PayeeQuery.newBuilder()
                        .setPayee(WireValues.bytes(market.owner.address()))
                        .setAfter(after)
                        .setLimit(limit))
                .build())
        .getPayee();
  }

  private MarketGrpc.MarketBlockingStub stub(Gateway gateway) {
    return MarketGrpc.newBlockingStub(door.channel(gateway));
  }

  private MarketClient client() throws IOException {
    return new MarketClient(door.nodes(market.builder, door.gateway().address()));
  }
}
