package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicatedMachine.Origin;
import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.StateCodec;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.scheduler.events.CommittedEvents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of three nodes lies, with real signatures, through the same bytes that the log carries. */
class LyingNodeTest {
  private static final long NOW = 1_795_000_000_000L;
  private static final Address CONTRACT = new Address(1, 2, 3);
  private static final Digest NOTHING = Digest.ZERO;

  private final List<SigningKey> keys =
      IntStream.range(0, 3)
          .mapToObj(i -> SigningKey.fromSeed(1, "validator/" + i))
          .sorted((a, b) -> a.address().compareTo(b.address()))
          .toList();
  private final Network network =
      new Network(
          31_337,
          CONTRACT,
          CONTRACT,
          CONTRACT,
          CONTRACT,
          1,
          new Address(9, 9, 9),
          keys.stream().map(SigningKey::address).toList(),
          List.of(),
          2,
          List.of(
              new Network.ClassTerms(
                  new ResourceClass("cpu"), new UnitPrice(5_000), new WorkUnits(60_000_000))),
          Rules.local());
  private final List<EnvelopeSigner> validators =
      keys.stream().map(key -> signer(key, network)).toList();
  private final EnvelopeSigner liar = validators.get(0);
  private MarketReplica replica = replica();
  private long index;

  @BeforeEach
  void bornAndBeaten() {
    apply(EnvelopeSigner.genesis(network));
    beat(1, 0, NOW, 10);
    beat(2, 0, NOW, 10);
  }

  @Test
  void aFalseDepositOfOneValidatorBringsNoMoney() {
    Fact range = new Fact.ChainRange(1, 10);
    assertTrue(seen().facts().containsKey(range));
    FactValue lie =
        new FactValue.ChainPage(
            10,
            NOW,
            List.of(
                new ChainEvent.Deposited(
                    new JobId(NOTHING), liar.address(), 1, NOTHING, NOW, Amount.of(1_000_000))));
    for (int i = 0; i < 5; i++) {
      apply(liar.sign(new Command.Attest(range, 0, lie)));
    }
    assertEquals(Amount.ZERO, seen().ledger().total(Kind.DEPOSITS));

    FactValue truth = new FactValue.ChainPage(10, NOW, List.of());
    apply(validators.get(1).sign(new Command.Attest(range, 0, truth)));
    apply(validators.get(2).sign(new Command.Attest(range, 0, truth)));
    assertEquals(10, seen().chain().block());
    assertEquals(Amount.ZERO, seen().ledger().total(Kind.DEPOSITS));
  }

  @Test
  void aClockRunAheadByOneValidatorMovesNoTime() {
    beat(0, 1, NOW + 1_000_000_000, 1_000_000);
    beat(1, 1, NOW + 200, 10);
    assertEquals(NOW + 200, seen().clock().millis());
    beat(0, 2, NOW + 2_000_000_000, 2_000_000);
    beat(2, 2, NOW + 400, 10);
    assertEquals(NOW + 400, seen().clock().millis());
    assertTrue(
        seen().facts().keySet().stream()
            .noneMatch(f -> f instanceof Fact.ChainRange r && r.to() > 10));
  }

  @Test
  void aClockHeldBackByOneValidatorDoesNotHoldTheMarketBack() {
    beat(0, 1, 0, 0);
    beat(1, 1, NOW + 200, 10);
    beat(2, 1, NOW + 210, 10);
    beat(1, 2, NOW + 400, 10);
    beat(2, 2, NOW + 410, 10);
    assertEquals(NOW + 400, seen().clock().millis());
  }

  @Test
  void aForgedCommandIsRefusedOnEveryReplica() {
    Envelope honest =
        validators.get(1).sign(new Command.Beat(1, NOW + 200, 10, 0, NOTHING, Optional.empty()));
    Envelope forged =
        new Envelope(
            new Command.Beat(1, NOW + 9_000_000, 10, 0, NOTHING, Optional.empty()),
            honest.nonce(),
            honest.expiryMillis(),
            honest.signature(),
            Optional.empty());
    // Another command under the same signature recovers to a key that nobody knows.
    assertRejected(Reason.UNKNOWN_KEY, apply(forged));
    assertInstanceOf(Outcome.Accepted.class, apply(honest));
  }

  @Test
  void aReplayedCommandChangesNothing() {
    Envelope beat =
        validators.get(1).sign(new Command.Beat(1, NOW + 200, 10, 0, NOTHING, Optional.empty()));
    assertInstanceOf(Outcome.Accepted.class, apply(beat));
    assertRejected(Reason.NONCE_USED, apply(beat));
  }

  @Test
  void reorderedCommandsMoveTheMarketNoFurtherThanOrderedOnes() {
    Envelope first = validators.get(1).sign(beat(1, NOW + 200));
    Envelope second = validators.get(1).sign(beat(2, NOW + 400));
    assertRejected(Reason.STALE_SLOT, apply(second));
    assertInstanceOf(Outcome.Accepted.class, apply(first));
    assertRejected(Reason.NONCE_USED, apply(first));

    assertEquals(1, seen().clock().slot());
    beat(2, 1, NOW + 200, 10);
    assertEquals(2, seen().clock().slot());
    assertEquals(NOW + 200, seen().clock().millis());
  }

  private static Command.Beat beat(long slot, long clock) {
    return new Command.Beat(slot, clock, 10, 0, NOTHING, Optional.empty());
  }

  @Test
  void aPlaceThatNobodyCommittedToIsRefused() {
    Command.Beat chosen =
        new Command.Beat(1, NOW + 200, 10, 0, NOTHING, Optional.of(Digest.sha256(new byte[1])));
    assertRejected(Reason.BEACON_MISMATCH, apply(liar.sign(chosen)));
    assertRejected(Reason.BEACON_MISMATCH, apply(liar.sign(new Command.NewChain(3, Digest.ZERO))));
  }

  @Test
  void aCommandOfAnotherNetworkIsRefused() {
    Network other =
        new Network(
            1,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            1,
            network.treasury(),
            network.validators(),
            List.of(),
            2,
            network.classes(),
            network.rules());
    EnvelopeSigner elsewhere = signer(keys.get(1), other);
    assertRejected(
        Reason.UNKNOWN_KEY,
        apply(elsewhere.sign(new Command.Beat(1, NOW + 200, 10, 0, NOTHING, Optional.empty()))));
  }

  @Test
  void aSecondGenesisOfAnotherNetworkIsRefusedAndAnEqualOneChangesNothing() {
    assertInstanceOf(Outcome.Accepted.class, apply(EnvelopeSigner.genesis(network)));
    Network other =
        new Network(
            2,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            1,
            network.treasury(),
            network.validators(),
            List.of(),
            2,
            network.classes(),
            network.rules());
    assertRejected(Reason.ALREADY_BORN, apply(EnvelopeSigner.genesis(other)));
  }

  @Test
  void aLogThatAnotherNetworkBeganStopsTheReplica() {
    Network other =
        new Network(
            31_337,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            CONTRACT,
            1,
            network.treasury(),
            List.of(liar.address()),
            List.of(),
            1,
            network.classes(),
            network.rules());
    MarketReplica fresh = replica();
    byte[] entry = CommandCodecs.ENTRY.encode(List.of(EnvelopeSigner.genesis(other)));
    assertThrows(MarketReplica.WrongNetwork.class, () -> fresh.apply(1, entry));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void randomBytesInTheLogChangeNothingButTheIndex(long seed) {
    Random random = new Random(seed);
    byte[] before = replica.read(StateCodec.STATE::encode);
    for (int i = 0; i < 200; i++) {
      byte[] entry = new byte[random.nextInt(400)];
      random.nextBytes(entry);
      replica.apply(++index, entry);
    }
    byte[] after = replica.read(StateCodec.STATE::encode);
    assertEquals(Digest.sha256(before), Digest.sha256(after), "seed " + seed);
  }

  @Test
  void aSnapshotAndTheTailGiveTheSameHashAsTheWholeLog() throws IOException {
    ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    replica.capture().writeTo(snapshot);
    MarketReplica restored = replica();
    restored.restore(index, new ByteArrayInputStream(snapshot.toByteArray()), Origin.OWN);
    for (long slot = 1; slot < 50; slot++) {
      for (EnvelopeSigner validator : validators) {
        Envelope beat =
            validator.sign(
                new Command.Beat(slot, NOW + slot * 200, 10, 0, NOTHING, Optional.empty()));
        byte[] entry = CommandCodecs.ENTRY.encode(List.of(beat));
        index++;
        replica.apply(index, entry);
        restored.apply(index, entry);
      }
    }
    assertEquals(replica.hashAt(index), restored.hashAt(index));
    assertTrue(replica.hashAt(index).isPresent());
  }

  /** The state; nothing is applied while a test looks at it. */
  private MarketState seen() {
    return replica.read(state -> state);
  }

  private void beat(int validator, long slot, long clock, long block) {
    apply(
        validators
            .get(validator)
            .sign(new Command.Beat(slot, clock, block, 0, NOTHING, Optional.empty())));
  }

  private Outcome apply(Envelope envelope) {
    byte[] reply = replica.apply(++index, CommandCodecs.ENTRY.encode(List.of(envelope)));
    return MarketReplica.REPLY.decode(reply).getFirst();
  }

  private static void assertRejected(Reason reason, Outcome outcome) {
    assertEquals(
        Stream.of(reason).toList(),
        Stream.of(outcome)
            .filter(Outcome.Rejected.class::isInstance)
            .map(o -> ((Outcome.Rejected) o).rejection().reason())
            .toList(),
        outcome.toString());
  }

  private MarketReplica replica() {
    return new MarketReplica(
        network,
        new AuthorRecovery(TypedData.of(network), Runnable::run, 1),
        new CommittedEvents(1_000, 1_000),
        (envelope, outcome) -> {},
        LogKeeper.NONE);
  }

  private static EnvelopeSigner signer(SigningKey key, Network network) {
    InstantSource clock = InstantSource.fixed(java.time.Instant.ofEpochMilli(NOW));
    return new EnvelopeSigner(key, network, new Nonces(clock), clock);
  }
}
