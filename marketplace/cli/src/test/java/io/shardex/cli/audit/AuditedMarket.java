package io.shardex.cli.audit;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Task;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.log.SignedEntry;
import io.shardex.settlement.BatchEncoding;
import io.shardex.settlement.ChainBooks;
import io.shardex.settlement.ChainBooks.Claim;
import io.shardex.settlement.ChainBooks.Grant;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A market of two validators, both of whom must agree, as its log and its contracts have it. All is
 * signed; the validators answer every question truly, but for what a test has them say.
 */
final class AuditedMarket {
  static final ResourceClass CPU = new ResourceClass("cpu");
  static final long START_MILLIS = 1_800_000_000_000L;
  private static final int CHECKPOINT_SLOTS = 4;
  private static final Digest MODEL = Digest.sha256(new byte[] {3});

  final Network network;
  final List<LogEntry> entries = new ArrayList<>();
  final List<EnvelopeSigner> validators;

  /** What the validators say of states instead of the truth. */
  Optional<Digest> falseState = Optional.empty();

  /** What the validators say of batches instead of the truth. */
  Optional<Digest> falseBatch = Optional.empty();

  private final MarketMachine machine = new MarketMachine();
  private final AuthorRecovery recovery;
  private final EnvelopeSigner owner;
  private final EnvelopeSigner builder;
  private final EnvelopeSigner worker;
  private final List<ChainEvent> blocks = new ArrayList<>();
  private final Map<Long, Digest> states = new HashMap<>();
  private final Map<Claim, Amount> credited = new HashMap<>();
  private final Map<JobId, Amount> deposited = new HashMap<>();
  private final Map<JobId, Amount> refunded = new HashMap<>();
  private long clockMillis = START_MILLIS;
  private long index = -1;
  private long jobs;

  /** A network that was just born. */
  AuditedMarket() {
    List<SigningKey> keys =
        IntStream.range(0, 2).mapToObj(i -> SigningKey.fromSeed(1, "validator/" + i)).toList();
    network =
        new Network(
            31_337,
            new Address(7, 0, 1),
            new Address(7, 0, 2),
            new Address(7, 0, 3),
            new Address(7, 0, 4),
            1,
            new Address(9, 0, 0),
            keys.stream().map(SigningKey::address).sorted().toList(),
            List.of(),
            2,
            List.of(
                new Network.ClassTerms(
                    CPU, new UnitPrice(1_000_000_000), new WorkUnits(8_000_000L * 3_600))),
            rules());
    recovery = new AuthorRecovery(TypedData.of(network), Runnable::run, 1);
    validators = keys.stream().map(this::signer).toList();
    owner = signer(SigningKey.fromSeed(1, "owner"));
    builder = signer(SigningKey.fromSeed(1, "builder"));
    worker = signer(SigningKey.fromSeed(1, "worker"));
    write(EnvelopeSigner.genesis(network));
    sync();
  }

  /**
   * The log of a market in which one job was trained, audited, paid and settled, one was refunded,
   * and a third one's refund is signed and not on the chain.
   */
  static AuditedMarket whole() {
    AuditedMarket market = trained();
    market.settles();
    market.cancels(market.job());
    market.settles();
    market.cancels(market.job());
    market.signsBatch();
    for (int slot = 0; slot < 2 * CHECKPOINT_SLOTS; slot++) {
      market.sync();
    }
    return market;
  }

  /** The log of a market in which one job was trained and audited; nothing is settled. */
  static AuditedMarket trained() {
    AuditedMarket market = new AuditedMarket();
    market.registersWorker();
    JobId job = market.job();
    market.trains();
    market.ends(job);
    return market;
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

  AuthorRecovery recovery() {
    return recovery;
  }

  MarketState state() {
    return machine.state();
  }

  long lastIndex() {
    return index;
  }

  /** The next entry; Raft leaves a gap before every third. */
  List<Event> write(Envelope... envelopes) {
    long previous = index;
    index += entries.size() % 3 == 2 ? 2 : 1;
    byte[] bytes = CommandCodecs.ENTRY.encode(List.of(envelopes));
    entries.add(new LogEntry(previous, index, bytes));
    List<Event> events = new ArrayList<>();
    SignedEntry.read(bytes, recovery)
        .applyTo(
            machine,
            index,
            (outcome, offset) ->
                events.addAll(
                    assertInstanceOf(Outcome.Accepted.class, outcome, outcome::toString).events()));
    for (Event event : events) {
      if (event instanceof Event.FactOpened(Fact.Checkpoint asked, long deadline)) {
        states.put(asked.index(), Digest.sha256(StateCodec.STATE.encode(state())));
      }
    }
    return events;
  }

  /** A slot opens and every question is answered. */
  void sync() {
    clockMillis += 200;
    Command.Beat beat = beat(state().hash());
    write(validators.get(0).sign(beat), validators.get(1).sign(beat));
    answer();
  }

  /** A beat that reports this hash. */
  Command.Beat beat(Digest hash) {
    return new Command.Beat(
        state().clock().slot(),
        clockMillis,
        blocks.size(),
        state().index(),
        hash,
        Optional.empty());
  }

  private void answer() {
    for (int round = 0; !state().facts().isEmpty(); round++) {
      assertTrue(round < 20, () -> "unanswered: " + state().facts().keySet());
      for (Fact fact : List.copyOf(state().facts().keySet())) {
        if (state().facts().containsKey(fact)) {
          Command vote = new Command.Attest(fact, 0, truth(fact));
          write(validators.get(0).sign(vote));
          write(validators.get(1).sign(vote));
        }
      }
    }
  }

  private FactValue truth(Fact fact) {
    return switch (fact) {
      case Fact.ChainRange range ->
          new FactValue.ChainPage(
              range.to(),
              range.to() * 1_000,
              List.copyOf(blocks.subList((int) range.from() - 1, (int) range.to())));
      case Fact.TermsOf terms -> new FactValue.TermsHold(MODEL);
      case Fact.RoundModel round -> new FactValue.Averaged(Digest.sha256(MODEL.bytes()), 0);
      case Fact.ResultUnusable unusable -> new FactValue.Unusable(FactValue.Flaw.MISSING);
      case Fact.BatchOf batch ->
          new FactValue.BatchHash(falseBatch.orElseGet(() -> digest(batch.batch())));
      case Fact.Dispute dispute -> executed(state().result(dispute.audit()).orElseThrow());
      case Fact.Hardware hardware -> new FactValue.Judged(FactValue.Verdict.RIGHT);
      case Fact.Checkpoint checkpoint ->
          new FactValue.StateDigest(
              falseState.orElseGet(
                  () -> Optional.ofNullable(states.get(checkpoint.index())).orElseThrow()));
    };
  }

  private Digest digest(long batch) {
    return BatchEncoding.digest(
        Optional.ofNullable(state().batches().get(batch)).orElseThrow().batch());
  }

  private static FactValue.Executed executed(Result result) {
    return new FactValue.Executed(Digest.ZERO, result.claim().shown(), result.claim().divergedAt());
  }

  void registersWorker() {
    blocks.add(new ChainEvent.Staked(owner.address(), Amount.of(5 * Amount.TOKEN)));
    sync();
    write(
        worker.sign(
            new Command.RegisterWorker(owner.address(), CPU, 1_024),
            owner.endorse(worker.address())));
    write(worker.sign(new Command.PlaceAsk(UnitPrice.ZERO)));
  }

  /** A deposit of 10 and a job of one round and one shard. */
  JobId job() {
    Digest spec = Digest.sha256(new byte[] {1});
    long refundAt = START_MILLIS / 1_000 + 7_200;
    long nonce = ++jobs;
    JobId job =
        JobId.of(network.chainId(), network.escrow(), builder.address(), nonce, spec, refundAt);
    Amount money = Amount.of(10 * Amount.TOKEN);
    blocks.add(new ChainEvent.Deposited(job, builder.address(), nonce, spec, refundAt, money));
    deposited.put(job, money);
    sync();
    write(builder.sign(new Command.SubmitJob(job, terms())));
    answer();
    return job;
  }

  private static JobTerms terms() {
    return new JobTerms(
        "test",
        CPU,
        16,
        1,
        1,
        new WorkUnits(1_000_000_000L),
        313,
        new UnitPrice(2_000_000_000),
        START_MILLIS + 3_600_000,
        new PartsPerMillion(50_000),
        true,
        Digest.sha256(new byte[] {2}));
  }

  /** The worker commits a result for the shard it was given. */
  private void trains() {
    TaskId id = state().worker(worker.address()).orElseThrow().lease().orElseThrow();
    Task task = state().task(id).orElseThrow();
    write(
        worker.sign(new Command.WithdrawAsk()),
        worker.sign(new Command.StartLease(id, task.fence())));
    Digest result = Digest.sha256(new byte[] {4});
    write(
        worker.sign(
            new Command.CommitResult(
                id, task.fence(), result, Digest.sha256(result.bytes()), state().inputs(task))));
  }

  private void ends(JobId job) {
    for (int slot = 0; !state().job(job).orElseThrow().phase().ended(); slot++) {
      assertTrue(slot < 50, () -> "it goes on: " + state().job(job));
      sync();
    }
  }

  void cancels(JobId job) {
    write(builder.sign(new Command.CancelJob(job)));
    answer();
  }

  /** Slots pass until a batch is signed that is not on the chain. */
  SealedBatch signsBatch() {
    for (int slot = 0; signed().isEmpty(); slot++) {
      assertTrue(slot < 100, "no batch is signed");
      sync();
    }
    return signed().orElseThrow();
  }

  private Optional<SealedBatch> signed() {
    return state().batches().values().stream()
        .filter(batch -> batch.phase() == BatchPhase.SIGNED)
        .findFirst();
  }

  /** The contracts settle the signed batch. */
  void settles() {
    SealedBatch batch = signsBatch();
    for (Batch.PayLine line : batch.batch().pays()) {
      credited.put(new Claim(line.job(), line.payee()), line.total());
    }
    for (Batch.CloseLine line : batch.batch().closes()) {
      refunded.put(
          line.job(),
          Optional.ofNullable(deposited.get(line.job())).orElseThrow().minus(line.finalTotal()));
    }
    happens(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
  }

  /** The chain has this in its next block, and the validators have seen it. */
  void happens(ChainEvent event) {
    blocks.add(event);
    sync();
  }

  /** The contracts' books. */
  Books books() {
    return new Books(
        new HashMap<>(deposited),
        new HashMap<>(credited),
        new HashMap<>(refunded),
        new HashMap<>(),
        new HashMap<>());
  }

  /** Books that a test may alter. */
  record Books(
      Map<JobId, Amount> deposited,
      Map<Claim, Amount> credited,
      Map<JobId, Amount> refunded,
      Map<Address, Amount> slashed,
      Map<Claim, Amount> missing) {
    ChainBooks at(long block) {
      return new ChainBooks(
          block,
          deposited,
          credited,
          refunded,
          Map.of(),
          slashed,
          Map.<Grant, Amount>of(),
          new ChainBooks.Missing(missing, Map.of(), Map.of()));
    }
  }
}
