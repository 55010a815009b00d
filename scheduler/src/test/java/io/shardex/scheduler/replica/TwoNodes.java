package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
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
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Task;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.scheduler.events.CommittedEvents;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The replicas of two validators, both of whom must agree, fed with the same signed entries. They
 * agree by themselves on the chain, where every block has one event; a test says what they agree on
 * otherwise.
 */
public final class TwoNodes {
  public static final long START_MILLIS = 1_795_000_000_000L;
  private static final ResourceClass CPU = new ResourceClass("cpu");
  private static final long SLOT_MILLIS = 200;

  public final Network network;
  public final MarketReplica first;
  public final MarketReplica second;

  private final List<EnvelopeSigner> validators;
  private final EnvelopeSigner owner;
  private final EnvelopeSigner builder;
  private final List<ChainEvent> blocks = new ArrayList<>();
  private long clockMillis = START_MILLIS;
  private long index = -1;
  private int deposits;

  /** A network that was just born. */
  public TwoNodes() {
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
            List.of(new Network.ClassTerms(CPU, new UnitPrice(5_000), new WorkUnits(60_000_000))),
            Rules.local());
    first = replica();
    second = replica();
    validators = keys.stream().map(this::signer).toList();
    owner = signer(SigningKey.fromSeed(1, "owner"));
    builder = signer(SigningKey.fromSeed(1, "builder"));
    apply(EnvelopeSigner.genesis(network));
    beat();
  }

  /** The market's time. */
  public Instant now() {
    return Instant.ofEpochMilli(clockMillis);
  }

  public Address validator(int index) {
    return validators.get(index).address();
  }

  /** A job in SUBMITTED, whose deposit names this job file. */
  public JobId submitted(Digest spec, JobTerms terms) {
    JobId job = deposited(spec);
    apply(builder.sign(new Command.SubmitJob(job, terms)));
    return job;
  }

  /** A job in SUBMITTED of another builder. */
  public JobId submittedByAnother(Digest spec, JobTerms terms) {
    EnvelopeSigner other = signer(SigningKey.fromSeed(1, "other builder"));
    JobId job = deposited(other, spec);
    apply(other.sign(new Command.SubmitJob(job, terms)));
    return job;
  }

  /** The money of a job that is not submitted yet. */
  public JobId deposited(Digest spec) {
    return deposited(builder, spec);
  }

  private JobId deposited(EnvelopeSigner by, Digest spec) {
    long refundAt = START_MILLIS / 1_000 + 7_200;
    long nonce = ++deposits;
    JobId job = JobId.of(network.chainId(), network.escrow(), by.address(), nonce, spec, refundAt);
    happens(
        new ChainEvent.Deposited(
            job, by.address(), nonce, spec, refundAt, Amount.of(5 * Amount.TOKEN)));
    return job;
  }

  /** A job in its first round, which starts from this model. */
  public JobId funded(Digest spec, JobTerms terms, Digest initialModel) {
    JobId job = submitted(spec, terms);
    agree(new Fact.TermsOf(job), new FactValue.TermsHold(initialModel));
    return job;
  }

  public void cancels(JobId job) {
    apply(builder.sign(new Command.CancelJob(job)));
  }

  /** A new worker takes the next open shard, and only this one, and starts. */
  public Task leased(String worker) {
    EnvelopeSigner key = signer(SigningKey.fromSeed(1, worker));
    happens(new ChainEvent.Staked(owner.address(), Amount.of(5 * Amount.TOKEN)));
    apply(
        key.sign(
            new Command.RegisterWorker(owner.address(), CPU, 1_024), owner.endorse(key.address())));
    apply(key.sign(new Command.PlaceAsk(UnitPrice.ZERO, Set.of(RuntimeKind.values()))));
    Task task = task(seen().worker(key.address()).orElseThrow().lease().orElseThrow());
    apply(key.sign(new Command.WithdrawAsk()));
    apply(key.sign(new Command.StartLease(task.id(), task.fence())));
    return task;
  }

  /** A new worker takes the next open shard, saves this after a step, and leaves. */
  public TaskId left(String worker, int step, Digest checkpoint) {
    Task task = leased(worker);
    EnvelopeSigner key = signer(SigningKey.fromSeed(1, worker));
    apply(
        key.sign(
            new Command.SaveCheckpoint(
                task.id(), task.fence(), step, checkpoint, seen().inputs(task))));
    apply(key.sign(new Command.GiveUpLease(task.id(), task.fence(), Event.Failure.LEAVING)));
    return task.id();
  }

  /** A new worker goes on from the checkpoint it is offered and commits to this result. */
  public Task resumed(String worker, Digest result) {
    Task task = leased(worker);
    EnvelopeSigner key = signer(SigningKey.fromSeed(1, worker));
    Digest inputs = seen().inputs(task, task.offered().orElseThrow());
    Digest seal = Digest.sha256(result.bytes());
    apply(key.sign(new Command.CommitResult(task.id(), task.fence(), result, seal, inputs)));
    return task(task.id());
  }

  /** A new worker takes the next open shard and commits to this result. */
  public Task committed(String worker, Digest result) {
    Task task = leased(worker);
    EnvelopeSigner key = signer(SigningKey.fromSeed(1, worker));
    Digest seal = Digest.sha256(result.bytes());
    apply(
        key.sign(
            new Command.CommitResult(task.id(), task.fence(), result, seal, seen().inputs(task))));
    return task(task.id());
  }

  /** A new worker takes the next open shard and says that its numbers left the finite ones. */
  public Task diverged(String worker, int step) {
    Task task = leased(worker);
    EnvelopeSigner key = signer(SigningKey.fromSeed(1, worker));
    Digest seal = Digest.sha256(Divergence.shown(step).bytes());
    apply(
        key.sign(
            new Command.CommitDiverged(task.id(), task.fence(), step, seal, seen().inputs(task))));
    return task(task.id());
  }

  /** Until every committed result is drawn: there is no auditor, so the validators execute it. */
  public List<Fact.Dispute> draws() {
    while (seen().results().values().stream().anyMatch(r -> r.phase() == ResultPhase.WAITING)) {
      beat();
    }
    return openFacts(Fact.Dispute.class);
  }

  /** Both validators execute a task's latest result and find another than its worker says. */
  public void finds(TaskId task, Digest truth) {
    Fact.Dispute disputed =
        draws().stream()
            .filter(dispute -> dispute.audit().training().equals(task))
            .findFirst()
            .orElseThrow();
    agree(disputed, new FactValue.Executed(Digest.ZERO, truth, Optional.empty()));
  }

  /** Every committed result is drawn, and both validators find what its worker says. */
  public void proves() {
    for (Fact.Dispute dispute : draws()) {
      Result.Claim claim = seen().result(dispute.audit()).orElseThrow().claim();
      agree(dispute, new FactValue.Executed(Digest.ZERO, claim.shown(), claim.divergedAt()));
    }
  }

  /** One validator attests the value; what follows from it. */
  public List<Event> says(int validator, Fact fact, FactValue value) {
    int view = seen().facts().containsKey(fact) ? viewOf(fact) : 0;
    return apply(validators.get(validator).sign(new Command.Attest(fact, view, value)));
  }

  private int viewOf(Fact fact) {
    return Objects.requireNonNull(seen().facts().get(fact)).view();
  }

  /** Both validators attest the value. */
  public void agree(Fact fact, FactValue value) {
    int view = viewOf(fact);
    validators.forEach(key -> apply(key.sign(new Command.Attest(fact, view, value))));
  }

  /** Both validators beat, which opens a slot; what the blocks since hold is agreed on. */
  public void beat() {
    opensSlot();
    openFacts(Fact.ChainRange.class).forEach(range -> agree(range, page(range)));
  }

  private void opensSlot() {
    clockMillis += SLOT_MILLIS;
    long slot = seen().clock().slot();
    for (EnvelopeSigner key : validators) {
      Digest hash = seen().hash();
      apply(
          key.sign(
              new Command.Beat(
                  slot, clockMillis, blocks.size(), seen().index(), hash, Optional.empty())));
    }
  }

  /** A block comes that holds a stake, and both validators are asked what is in it. */
  public void asksOfTheChain() {
    blocks.add(new ChainEvent.Staked(owner.address(), Amount.of(5 * Amount.TOKEN)));
    opensSlot();
  }

  /** Both validators sign the batch that waits for it. */
  public SealedBatch signsBatch() {
    Fact.BatchOf fact = openFacts(Fact.BatchOf.class).getFirst();
    agree(fact, new FactValue.BatchHash(Digest.sha256(new byte[] {(byte) fact.batch()})));
    return Objects.requireNonNull(seen().batches().get(fact.batch()));
  }

  /** The chain has settled a batch, and both validators have seen it. */
  public void settles(SealedBatch batch) {
    happens(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
  }

  public <F extends Fact> List<F> openFacts(Class<F> kind) {
    return seen().facts().keySet().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void happens(ChainEvent event) {
    blocks.add(event);
    beat();
  }

  private FactValue page(Fact.ChainRange range) {
    return new FactValue.ChainPage(
        range.to(),
        START_MILLIS,
        List.copyOf(blocks.subList((int) range.from() - 1, (int) range.to())));
  }

  private Task task(TaskId id) {
    return seen().task(id).orElseThrow();
  }

  /** The state; nothing is applied while a test looks at it. */
  private MarketState seen() {
    return first.read(state -> state);
  }

  private List<Event> apply(Envelope envelope) {
    byte[] entry = CommandCodecs.ENTRY.encode(List.of(envelope));
    byte[] reply = first.apply(++index, entry);
    assertEquals(Digest.sha256(reply), Digest.sha256(second.apply(index, entry)));
    Outcome outcome = MarketReplica.REPLY.decode(reply).getFirst();
    return assertInstanceOf(Outcome.Accepted.class, outcome, outcome::toString).events();
  }

  private MarketReplica replica() {
    return new MarketReplica(
        network,
        new AuthorRecovery(TypedData.of(network), Runnable::run, 1),
        new CommittedEvents(1_000, 1_000),
        (envelope, outcome) -> {},
        LogKeeper.NONE);
  }

  private EnvelopeSigner signer(SigningKey key) {
    InstantSource clock = this::now;
    return new EnvelopeSigner(key, network, new Nonces(clock), clock);
  }
}
