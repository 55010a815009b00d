package io.shardex.scheduler.replica;

import io.shardex.consensus.Applied;
import io.shardex.consensus.Proposer;
import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Execution;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.events.CommittedEvents;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A replica of a network of two validators or more, two of whom must agree, over a log in memory
 * that applies at once, later or not at all, as it is told. The first validator is this node's.
 */
public final class LocalLog implements Proposer {
  public static final long NOW = 1_795_000_000_000L;

  public final Network network;
  public final MarketReplica replica;
  public final ValidatorVoice voice;
  public final InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(NOW));

  /** What this node's validator said, refused or not. */
  public final List<Command> said = new ArrayList<>();

  private final List<SigningKey> keys;
  private final List<EnvelopeSigner> fellows;
  private final List<byte[]> heldBack = new ArrayList<>();
  private boolean refuses;
  private boolean lags;
  private long index = -1;

  public LocalLog() {
    this(true);
  }

  /**
   * A log before its first entry.
   *
   * @param chained whether the network is born with its validators' hash chains
   */
  public LocalLog(boolean chained) {
    this(chained, 2);
  }

  /**
   * The same with more validators.
   *
   * @param validators 2 or more
   */
  public LocalLog(boolean chained, int validators) {
    keys =
        IntStream.range(0, validators)
            .mapToObj(i -> SigningKey.fromSeed(1, "validator/" + i))
            .toList();
    Address contract = new Address(1, 2, 3);
    NetworkId id = new NetworkId(31_337, contract);
    network =
        new Network(
            31_337,
            contract,
            contract,
            contract,
            contract,
            1,
            new Address(9, 9, 9),
            keys.stream().map(SigningKey::address).sorted().toList(),
            chained ? tips(id) : List.of(),
            2,
            List.of(
                new Network.ClassTerms(
                    new ResourceClass("cpu"), new UnitPrice(5_000), new WorkUnits(60_000_000))),
            Rules.local());
    replica =
        new MarketReplica(
            network,
            new AuthorRecovery(TypedData.of(network), Runnable::run, 1),
            new CommittedEvents(1_000, 1_000),
            (envelope, outcome) -> {},
            LogKeeper.NONE);
    voice = new ValidatorVoice(signer(keys.getFirst()), new LogWriter(this));
    fellows = keys.stream().skip(1).map(this::signer).toList();
  }

  private List<Digest> tips(NetworkId id) {
    return keys.stream()
        .sorted(Comparator.comparing(SigningKey::address))
        .map(key -> BeaconChain.of(key, id, 0).tip())
        .toList();
  }

  private EnvelopeSigner signer(SigningKey key) {
    return new EnvelopeSigner(key, network, new Nonces(clock), clock);
  }

  @Override
  public CompletableFuture<Applied> propose(byte[] entry) {
    CommandCodecs.ENTRY.decode(entry).forEach(envelope -> said.add(envelope.command()));
    if (refuses) {
      return CompletableFuture.failedFuture(new IllegalStateException("as the test says"));
    }
    if (lags) {
      heldBack.add(entry);
      byte[] accepted = MarketReplica.REPLY.encode(List.of(new Outcome.Accepted(List.of())));
      return CompletableFuture.completedFuture(new Applied(index + heldBack.size(), accepted));
    }
    return CompletableFuture.completedFuture(new Applied(++index, replica.apply(index, entry)));
  }

  /** From now on nothing enters the log by this node, or everything does again. */
  public void refuses(boolean whether) {
    refuses = whether;
  }

  /** From now on the leader accepts what this replica is yet to apply, or it catches up. */
  public void lags(boolean whether) {
    lags = whether;
    heldBack.forEach(entry -> replica.apply(++index, entry));
    heldBack.clear();
  }

  public LocalLog born() {
    apply(EnvelopeSigner.genesis(network));
    return this;
  }

  /** This node's validator's hash chains by number. */
  public BeaconChain chain(int number) {
    return BeaconChain.of(keys.getFirst(), NetworkId.of(network), number);
  }

  /** The other validator's command. */
  public void fellow(Command command) {
    apply(fellows.getLast().sign(command));
  }

  /** The other validator beats in the open slot, with what it holds for the log's hash. */
  public void fellowBeats(long finalBlock, long at, Digest hash) {
    long slot = replica.read(state -> state.clock().slot());
    fellow(new Command.Beat(slot, NOW + 200 * slot, finalBlock, at, hash, Optional.empty()));
  }

  public void fellowBeats(long finalBlock) {
    fellowBeats(finalBlock, 0, replica.hashAt(0).orElseThrow());
  }

  /** All others beat in the open slot. */
  public void fellowsBeat() {
    long slot = replica.read(state -> state.clock().slot());
    Digest hash = replica.hashAt(0).orElseThrow();
    for (EnvelopeSigner one : fellows) {
      apply(one.sign(new Command.Beat(slot, NOW + 200 * slot, 0, 0, hash, Optional.empty())));
    }
  }

  /**
   * All agree that the first ten blocks of the chain hold the other validator's deposits for jobs.
   */
  public void deposited(List<JobId> jobs) {
    Address builder = keys.getLast().address();
    long refundAt = NOW / 1_000 + 1_000_000;
    List<ChainEvent> deposits =
        jobs.stream()
            .<ChainEvent>map(
                job ->
                    new ChainEvent.Deposited(
                        job, builder, 1, Digest.ZERO, refundAt, Amount.of(1_000 * Amount.TOKEN)))
            .toList();
    Command.Attest found =
        new Command.Attest(
            new Fact.ChainRange(1, 10), 0, new FactValue.ChainPage(10, NOW, deposits));
    fellow(found);
    var unused = voice.say(found).join();
  }

  /** The other validator's job; its terms are a question to all. */
  public void submitted(JobId job) {
    JobTerms terms =
        new JobTerms(
            "test",
            new ResourceClass("cpu"),
            16,
            1,
            1,
            new WorkUnits(8_000_000),
            313,
            new UnitPrice(2_000_000_000),
            NOW + 3_600_000,
            new PartsPerMillion(50_000),
            true,
            Digest.ZERO,
            Execution.REFERENCE);
    fellow(new Command.SubmitJob(job, terms));
  }

  private void apply(Envelope envelope) {
    byte[] unused = replica.apply(++index, CommandCodecs.ENTRY.encode(List.of(envelope)));
  }
}
