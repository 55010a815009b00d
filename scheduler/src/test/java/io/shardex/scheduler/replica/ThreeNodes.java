package io.shardex.scheduler.replica;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.state.MarketState;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A network of three validators, two of whom must agree, with a checkpoint every few slots. The
 * true log is what {@link #honest} applied; a node may be fed with it, with another one, or with a
 * snapshot. The first validator may be dead or lie: the other two suffice.
 */
public final class ThreeNodes {
  private static final long NOW = 1_795_000_000_000L;
  private static final int CHECKPOINT_SLOTS = 4;

  public final Network network;
  public final List<EnvelopeSigner> validators;
  public final MarketReplica honest;
  private final List<byte[]> entries = new ArrayList<>();
  private long clockMillis = NOW;

  /** A network that was just born. */
  public ThreeNodes() {
    List<SigningKey> keys =
        IntStream.range(0, 3)
            .mapToObj(i -> SigningKey.fromSeed(1, "validator/" + i))
            .sorted((a, b) -> a.address().compareTo(b.address()))
            .toList();
    Address contract = new Address(1, 2, 3);
    network =
        new Network(
            31_337,
            contract,
            contract,
            contract,
            contract,
            1,
            new Address(9, 9, 9),
            keys.stream().map(SigningKey::address).toList(),
            List.of(),
            2,
            List.of(
                new Network.ClassTerms(
                    new ResourceClass("cpu"), new UnitPrice(5_000), new WorkUnits(60_000_000))),
            rules());
    validators = keys.stream().map(this::signer).toList();
    honest = replica();
    write(EnvelopeSigner.genesis(network));
  }

  private static Rules rules() {
    Rules local = Rules.local();
    Rules.Audits audits = local.audits();
    return new Rules(
        local.pace(),
        local.money(),
        local.bounds(),
        new Rules.Audits(
            audits.reveal(),
            audits.dispute(),
            audits.probation(),
            audits.draws(),
            audits.duties(),
            audits.beaconSlots(),
            audits.beaconSteps(),
            CHECKPOINT_SLOTS),
        local.proofs());
  }

  private EnvelopeSigner signer(SigningKey key) {
    InstantSource clock = () -> Instant.ofEpochMilli(clockMillis);
    return new EnvelopeSigner(key, network, new Nonces(clock), clock);
  }

  /** A node before the first entry. */
  public MarketReplica replica() {
    return replica(LogKeeper.NONE);
  }

  /** The same with a keeper of its log. */
  public MarketReplica replica(LogKeeper keeper) {
    return new MarketReplica(
        network,
        new AuthorRecovery(TypedData.of(network), Runnable::run, 1),
        new CommittedEvents(1_000, 1_000),
        (envelope, outcome) -> {},
        keeper);
  }

  /** The next entry of the true log. */
  public void write(Envelope... envelopes) {
    byte[] entry = CommandCodecs.ENTRY.encode(List.of(envelopes));
    entries.add(entry);
    byte[] unused = honest.apply(entries.size() - 1, entry);
  }

  /** A beat of a validator in the open slot, as it holds the true log. */
  public Envelope beat(int validator, long finalBlock) {
    return validators
        .get(validator)
        .sign(
            honest.read(
                state ->
                    new Command.Beat(
                        state.clock().slot(),
                        clockMillis,
                        finalBlock,
                        state.index(),
                        state.hash(),
                        Optional.empty())));
  }

  /** Two validators beat, which opens a slot. */
  public void slot() {
    clockMillis += 200;
    write(beat(1, 0));
    write(beat(2, 0));
  }

  /** The next checkpoint is asked for. */
  public Fact.Checkpoint asksForCheckpoint() {
    do {
      slot();
    } while (checkpoints().isEmpty());
    return checkpoints().getFirst();
  }

  private List<Fact.Checkpoint> checkpoints() {
    return honest.read(
        state ->
            state.facts().keySet().stream()
                .filter(Fact.Checkpoint.class::isInstance)
                .map(Fact.Checkpoint.class::cast)
                .toList());
  }

  /** Two validators say what they hold. */
  public void signs(Fact.Checkpoint asked) {
    signs(asked, honest.checkpointAt(asked.index()).orElseThrow());
  }

  /** Two validators say this. */
  public void signs(Fact.Checkpoint asked, Digest digest) {
    Command vote = new Command.Attest(asked, 0, new FactValue.StateDigest(digest));
    write(validators.get(1).sign(vote));
    write(validators.get(2).sign(vote));
  }

  /** The node applies what it has not applied of the true log. */
  public void feed(MarketReplica node) {
    long next = node.read(state -> state.isBorn() ? state.index() + 1 : 0L);
    for (int index = (int) next; index < entries.size(); index++) {
      byte[] unused = node.apply(index, Objects.requireNonNull(entries.get(index)));
    }
  }

  /** The node is fed with another entry in the place of the next one. */
  public void feedInstead(MarketReplica node, Envelope... envelopes) {
    long next = node.read(MarketState::index) + 1;
    byte[] unused = node.apply(next, CommandCodecs.ENTRY.encode(List.of(envelopes)));
  }

  /** What the node writes as its snapshot. */
  public static ByteArrayInputStream snapshot(MarketReplica of) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    of.capture().writeTo(bytes);
    return new ByteArrayInputStream(bytes.toByteArray());
  }
}
