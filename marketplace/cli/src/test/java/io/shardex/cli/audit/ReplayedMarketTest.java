package io.shardex.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Signature;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.log.LogEntry;
import io.shardex.settlement.ChainBooks.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A market's log, whole and with one thing altered at a time. */
class ReplayedMarketTest {
  private final AuditedMarket market = AuditedMarket.whole();

  @Test
  void theReplayOfAWholeMarketEqualsAllThatIsSaidOfIt() {
    ReplayedMarket replay = replay(market.network, market.entries);
    replay.expect(market.lastIndex(), market.state().hash(), "node a");
    replay.finish();

    assertEquals(market.state().hash(), replay.hash());
    assertEquals(1, replay.expectationsMet());
    assertTrue(replay.beats() > 20, () -> replay.beats() + " beats");
    assertTrue(replay.checkpoints() > 2, () -> replay.checkpoints() + " checkpoints");
    PaymentBook.Compared paid = compared(market.books());
    assertEquals("30.000000", paid.deposited().toString());
    assertTrue(!paid.paid().isZero(), "a worker was paid");
    assertEquals(paid.paid().plus(paid.refunded()), Amount.of(20 * Amount.TOKEN));
  }

  @Test
  void whatABatchOnItsWayWillPayIsSaid() {
    AuditedMarket unsettled = AuditedMarket.trained();
    long batch = unsettled.signsBatch().batch().id();

    PaymentBook.Compared paid = comparedOf(unsettled, unsettled.books());

    assertTrue(paid.paid().isZero());
    assertEquals(2, paid.inFlight().size(), () -> paid.inFlight().toString());
    assertTrue(
        paid.inFlight().stream()
            .allMatch(line -> line.startsWith("batch %d signed: ".formatted(batch))));
  }

  @Test
  void aMissingEntryIsNamed() {
    List<LogEntry> entries = new ArrayList<>(market.entries);
    LogEntry missing = entries.remove(20);

    differs(
        "log index %d: the entry follows on entry %d, but the last one replayed is %d: some are missing"
            .formatted(entries.get(20).index(), missing.index(), missing.previous()),
        entries);
  }

  @Test
  void aMissingEntryWhoseTraceIsWipedShowsInTheNextReportedHash() {
    List<LogEntry> entries = new ArrayList<>(market.entries);
    LogEntry missing = entries.remove(20);
    LogEntry next = entries.get(20);
    entries.set(20, new LogEntry(missing.previous(), next.index(), next.bytes()));

    differsInAReportedHash(missing.index(), entries);
  }

  @Test
  void anAlteredSignatureShowsInTheNextReportedHash() {
    for (int entry : new int[] {5, 30, 60}) {
      differsInAReportedHash(
          market.entries.get(entry).index(),
          altered(
              entry,
              envelope ->
                  with(
                      envelope,
                      new Signature(
                          envelope.signature().r(),
                          Digest.sha256(envelope.signature().s().bytes()),
                          envelope.signature().v()))));
    }
  }

  @Test
  void anAlteredCommandShowsInTheNextReportedHash() {
    differsInAReportedHash(
        market.entries.get(40).index(),
        altered(
            40,
            envelope ->
                new Envelope(
                    envelope.command(),
                    envelope.nonce(),
                    envelope.expiryMillis() + 1,
                    envelope.signature(),
                    envelope.endorsement())));
  }

  @Test
  void aValidatorThatReportsAnotherHashIsNamed() {
    long reported = market.state().index();
    market.write(market.validators.get(1).sign(market.beat(Digest.ZERO)));

    differs(
        "log index %d: validator %s reports hash %s after index %d, but the replay has"
            .formatted(
                market.lastIndex(), market.validators.get(1).address(), Digest.ZERO, reported),
        market.entries);
  }

  @Test
  void aStateThatValidatorsSignedFalselyIsNamed() {
    market.falseState = Optional.of(Digest.ZERO);
    for (int slot = 0; slot < 8; slot++) {
      market.sync();
    }
    differs("validators signed " + Digest.ZERO + " as the state after index ", market.entries);
  }

  @Test
  void aBatchThatValidatorsSignedFalselyIsNamed() {
    AuditedMarket lied = new AuditedMarket();
    lied.falseBatch = Optional.of(Digest.ZERO);
    lied.cancels(lied.job());
    lied.signsBatch();

    Difference found = assertThrows(Difference.class, () -> replay(lied.network, lied.entries));
    assertContains(
        "validators signed batch 1 as " + Digest.ZERO + ", but what the replayed ledger owes",
        found);
  }

  @Test
  void aLogOfAnotherNetworkIsNamed() {
    Network other =
        new Network(
            market.network.chainId(),
            market.network.escrow(),
            market.network.stakeVault(),
            market.network.settlement(),
            market.network.token(),
            market.network.startBlock(),
            new Address(1, 1, 1),
            market.network.validators(),
            market.network.beacons(),
            market.network.threshold(),
            market.network.classes(),
            market.network.rules());
    Difference found = assertThrows(Difference.class, () -> replay(other, market.entries));
    assertContains("log index 0: the log was begun with another network", found);
  }

  @Test
  void aLogWithoutItsBeginningIsRefused() {
    differs("a replay begins with the log", market.entries.subList(1, market.entries.size()));
  }

  @Test
  void aNodeThatHoldsAnotherHashIsNamed() {
    ReplayedMarket replay = replay(market.network, market.entries);
    Difference found =
        assertThrows(
            Difference.class, () -> replay.expect(market.lastIndex(), Digest.ZERO, "node a"));
    assertContains(
        "log index %d: node a holds hash %s, but the replay has %s"
            .formatted(market.lastIndex(), Digest.ZERO, market.state().hash()),
        found);
  }

  @Test
  void aLogThatEndsBeforeWhatANodeHoldsIsNotEnough() {
    ReplayedMarket replay = replay(market.network, market.entries);
    replay.expect(market.lastIndex() + 5, Digest.ZERO, "node a");

    assertContains(
        "node a holds log index %d, but the entries end at %d"
            .formatted(market.lastIndex() + 5, market.lastIndex()),
        assertThrows(Difference.class, replay::finish));
  }

  // Payments.

  @Test
  void anAlteredPaymentIsNamedWithItsBatchAndBlock() {
    AuditedMarket.Books books = market.books();
    Claim claim = books.credited().keySet().iterator().next();
    Amount due = books.credited().get(claim);
    books.credited().merge(claim, Amount.of(1), Amount::minus);

    paysDifferently(
        "credit of %s: batch 1 (of log index ".formatted(claim),
        " says %s, but the contracts moved %s by block %d"
            .formatted(due, books.credited().get(claim), market.state().chain().block()),
        books);
  }

  @Test
  void aPaymentThatTheLogKnowsNothingOfIsNamed() {
    AuditedMarket.Books books = market.books();
    JobId job = books.refunded().keySet().iterator().next();
    books.credited().put(new Claim(job, new Address(6, 6, 6)), Amount.of(7));

    paysDifferently("no settled batch has it, but the contracts moved 0.000007", "", books);
  }

  @Test
  void aRefundThatIsShortIsNamed() {
    AuditedMarket.Books books = market.books();
    JobId job = books.refunded().keySet().iterator().next();
    books.refunded().merge(job, Amount.of(1), Amount::minus);

    paysDifferently("refund of job " + job, "", books);
  }

  @Test
  void aSlashThatTheLogDidNotOrderIsNamed() {
    AuditedMarket.Books books = market.books();
    books.slashed().put(new Address(5, 5, 5), Amount.of(9));

    paysDifferently("slash of owner " + new Address(5, 5, 5), "moved 0.000009", books);
  }

  @Test
  void aDepositThatTheChainDoesNotHaveIsNamed() {
    AuditedMarket.Books books = market.books();
    JobId job = books.deposited().keySet().iterator().next();
    books.deposited().remove(job);

    paysDifferently("deposits of job " + job, "the contracts moved 0.000000", books);
  }

  @Test
  void aShortfallThatTheChainToldExplainsWhatIsShort() {
    AuditedMarket.Books books = market.books();
    Claim claim = books.credited().keySet().iterator().next();
    books.credited().merge(claim, Amount.of(1), Amount::minus);
    books.missing().put(claim, Amount.of(1));

    assertTrue(compared(books).lines() > 0);
  }

  @Test
  void aSettlementThatTheLogNeverSignedIsNamed() {
    market.happens(new ChainEvent.Settled(99, Digest.ZERO));

    differs(
        "the chain settled batch 99 with digest %s, but this log never signed that batch"
            .formatted(Digest.ZERO),
        market.entries);
  }

  private PaymentBook.Compared compared(AuditedMarket.Books books) {
    return comparedOf(market, books);
  }

  private static PaymentBook.Compared comparedOf(AuditedMarket of, AuditedMarket.Books books) {
    return replay(of.network, of.entries).payments().compare(books.at(of.state().chain().block()));
  }

  private void paysDifferently(String what, String how, AuditedMarket.Books books) {
    Difference found = assertThrows(Difference.class, () -> compared(books));
    assertContains(what, found);
    assertContains(how, found);
  }

  private void differs(String what, List<LogEntry> entries) {
    assertContains(what, assertThrows(Difference.class, () -> replay(market.network, entries)));
  }

  /** The first beat after the index reports another hash than the replay has. */
  private void differsInAReportedHash(long index, List<LogEntry> entries) {
    Difference found = assertThrows(Difference.class, () -> replay(market.network, entries));
    String text = String.valueOf(found.getMessage());
    assertContains(" reports hash ", found);
    long at = Long.parseLong(text.substring("log index ".length(), text.indexOf(':')));
    assertTrue(at > index && at <= index + 40, text);
  }

  private List<LogEntry> altered(int entry, UnaryOperator<Envelope> change) {
    List<LogEntry> entries = new ArrayList<>(market.entries);
    LogEntry before = entries.get(entry);
    List<Envelope> envelopes =
        CommandCodecs.ENTRY.decode(before.bytes()).stream().map(change).toList();
    entries.set(
        entry,
        new LogEntry(before.previous(), before.index(), CommandCodecs.ENTRY.encode(envelopes)));
    return entries;
  }

  private static Envelope with(Envelope envelope, Signature signature) {
    return new Envelope(
        envelope.command(),
        envelope.nonce(),
        envelope.expiryMillis(),
        signature,
        envelope.endorsement());
  }

  private static ReplayedMarket replay(Network network, List<LogEntry> entries) {
    ReplayedMarket replay =
        new ReplayedMarket(network, new AuthorRecovery(TypedData.of(network), Runnable::run, 1));
    entries.forEach(replay::apply);
    return replay;
  }

  private static void assertContains(String part, Difference found) {
    String text = String.valueOf(found.getMessage());
    assertTrue(text.contains(part), () -> "expected '" + part + "' in: " + text);
  }
}
