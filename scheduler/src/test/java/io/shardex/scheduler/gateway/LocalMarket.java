package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.ChainEvent;
import io.shardex.market.CheckpointEvery;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Execution;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.HashChain;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Seals;
import io.shardex.market.Signature;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.replica.LogWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.Stream;

/** The real market with one validator and a log in memory, for gateways in this JVM. */
final class LocalMarket implements MarketPort, AutoCloseable {
  static final ResourceClass CPU = new ResourceClass("cpu");
  static final long START_MILLIS = 1_800_000_000_000L;
  private static final long SILENCE_MILLIS = 400;

  final SigningKey validator = SigningKey.fromSeed(1, "validator");
  final SigningKey owner = SigningKey.fromSeed(1, "owner");
  final SigningKey builder = SigningKey.fromSeed(1, "builder");
  final BlockingQueue<Address> silent = new LinkedBlockingQueue<>();
  final Network network;

  private final MarketMachine machine = new MarketMachine();
  private final CommittedEvents events;
  final Path folder;
  private final NodeHistory history;

  /** Every event so far. */
  final List<Event> happened = new ArrayList<>();

  /** What an accepted command came to. */
  record Applied(Stamp at, List<Event> events) {}

  /** Every accepted command so far. */
  final List<Applied> applied = new ArrayList<>();

  private final Map<Address, EnvelopeSigner> signers = new HashMap<>();
  private final List<ChainEvent> blocks = new ArrayList<>();

  /** The end of the validator's hash chain, which is long enough for a test. */
  private static final Digest LAST_PLACE = Digest.sha256(new byte[] {8});

  private static final long PLACES = 1_000;
  private static final Digest ROOT = Digest.sha256(new byte[] {9});

  private long clockMillis = START_MILLIS;
  private long index = -1;
  private Digest model = Digest.ZERO;
  private Optional<Digest> next = Optional.empty();

  /** What the validators find when they execute a shard. */
  private Execution execution = Execution.REFERENCE;

  FactValue.Executed executed = new FactValue.Executed(Digest.ZERO, Digest.ZERO, Optional.empty());

  volatile boolean ready = true;

  LocalMarket(int kept) {
    this(kept, Rules.local().proofs(), List.of());
  }

  /** One whose validator is in the beacon, and where everybody is challenged at every epoch. */
  static LocalMarket challenging() {
    Rules.Proofs often =
        new Rules.Proofs(1, new PartsPerMillion(PartsPerMillion.ONE), 40, 25, 1, 1_000, 8);
    return new LocalMarket(1_000, often, List.of(HashChain.before(LAST_PLACE, PLACES)));
  }

  private LocalMarket(int kept, Rules.Proofs proofs, List<Digest> beacons) {
    Rules rules = Rules.local();
    Rules.Pace pace = rules.pace();
    network =
        new Network(
            31_337,
            new Address(7, 0, 1),
            new Address(7, 0, 2),
            new Address(7, 0, 3),
            new Address(7, 0, 4),
            1,
            new Address(9, 0, 0),
            List.of(validator.address()),
            beacons,
            1,
            List.of(
                new Network.ClassTerms(
                    CPU, new UnitPrice(1_000_000_000), new WorkUnits(8_000_000L * 3_600))),
            new Rules(
                new Rules.Pace(
                    pace.beat(),
                    pace.idleBeat(),
                    pace.epoch(),
                    pace.gap(),
                    pace.leaseBase(),
                    pace.leaseSlack(),
                    SILENCE_MILLIS,
                    pace.cooldown(),
                    pace.factView(),
                    pace.vest(),
                    pace.settleMargin(),
                    pace.keepSettled(),
                    pace.commandLife(),
                    pace.checkpoint()),
                rules.money(),
                rules.bounds(),
                rules.audits(),
                proofs));
    events = new CommittedEvents(kept, 1_000);
    try {
      folder = Files.createTempDirectory("shardex-market");
      history = NodeHistory.open(folder, NetworkId.of(network));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    apply(
        new Envelope(
            new Command.Genesis(network), 1, Long.MAX_VALUE, Signatures.NONE, Optional.empty()));
    sync();
  }

  // The port.

  @Override
  public CompletionStage<LogWriter.Written> submit(Envelope envelope) {
    return CompletableFuture.completedFuture(apply(envelope));
  }

  @Override
  public synchronized <T> T read(Function<MarketState, T> query) {
    return query.apply(machine.state());
  }

  @Override
  public CommittedEvents events() {
    return events;
  }

  @Override
  public NodeHistory history() {
    return history;
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public void reportSilent(Address worker) {
    silent.add(worker);
  }

  /** Deletes what it kept on disk. */
  @Override
  public void close() {
    try {
      history.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // What tests do to it.

  EnvelopeSigner signer(SigningKey key) {
    return signers.computeIfAbsent(
        key.address(), address -> new EnvelopeSigner(key, network, new Nonces(clock()), clock()));
  }

  InstantSource clock() {
    return () -> Instant.ofEpochMilli(clockMillis);
  }

  synchronized LogWriter.Written apply(Envelope envelope) {
    Author author = new AuthorRecovery(TypedData.of(network), Runnable::run, 1).author(envelope);
    Stamp stamp = new Stamp(++index, 0);
    Outcome outcome = machine.apply(envelope, author, stamp);
    if (outcome instanceof Outcome.Accepted accepted) {
      history.happened(stamp, accepted.events(), machine.state());
    }
    history.applied(stamp.index(), CommandCodecs.ENTRY.encode(List.of(envelope)));
    if (outcome instanceof Outcome.Accepted accepted) {
      happened.addAll(accepted.events());
      applied.add(new Applied(stamp, accepted.events()));
      events.publish(new Committed.Happened(stamp.index(), 0, accepted.events()));
    }
    return new LogWriter.Written(stamp.index(), 0, outcome);
  }

  List<Event> say(SigningKey key, Command command) {
    return accepted(apply(signer(key).sign(command)));
  }

  /** A slot opens and every question is answered. */
  void sync() {
    clockMillis += 200;
    MarketState state = machine.state();
    say(
        validator,
        new Command.Beat(
            state.clock().slot(),
            clockMillis,
            blocks.size(),
            state.index(),
            state.hash(),
            network.beacons().isEmpty()
                ? Optional.empty()
                : Optional.of(HashChain.before(LAST_PLACE, PLACES - 1 - state.clock().slot()))));
    while (!state.facts().isEmpty()) {
      for (Map.Entry<Fact, OpenFact> open : List.copyOf(state.facts().entrySet())) {
        say(
            validator,
            new Command.Attest(open.getKey(), open.getValue().view(), truth(open.getKey())));
      }
    }
  }

  /** The log goes on after this index, as if Raft had written entries of its own. */
  void jumpTo(long last) {
    index = last;
  }

  /** Batches that the validators signed and the chain does not have. */
  List<SealedBatch> signed() {
    return read(
        state ->
            state.batches().values().stream()
                .filter(batch -> batch.phase() == BatchPhase.SIGNED)
                .toList());
  }

  /** The chain settles a batch. */
  void settles(SealedBatch batch) {
    blocks.add(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
    sync();
  }

  /** The owner stakes for one worker of this name, which registers. */
  SigningKey worker(String name) {
    return worker(name, owner);
  }

  /** The same of another owner. */
  SigningKey worker(String name, SigningKey of) {
    blocks.add(new ChainEvent.Staked(of.address(), Amount.of(5 * Amount.TOKEN)));
    sync();
    SigningKey key = SigningKey.fromSeed(1, name);
    accepted(apply(registration(key, of)));
    return key;
  }

  Envelope registration(SigningKey key) {
    return registration(key, owner);
  }

  private Envelope registration(SigningKey key, SigningKey of) {
    Signature endorsement = signer(of).endorse(key.address());
    return signer(key).sign(new Command.RegisterWorker(of.address(), CPU, 1_024), endorsement);
  }

  void stake() {
    blocks.add(new ChainEvent.Staked(owner.address(), Amount.of(5 * Amount.TOKEN)));
    sync();
  }

  void asks(SigningKey key) {
    say(key, new Command.PlaceAsk(UnitPrice.ZERO));
  }

  JobId deposit(Digest spec) {
    return deposit(spec, 1);
  }

  private JobId deposit(Digest spec, long nonce) {
    long refundAt = START_MILLIS / 1_000 + 7_200;
    JobId job = JobId.of(31_337, network.escrow(), builder.address(), nonce, spec, refundAt);
    blocks.add(
        new ChainEvent.Deposited(
            job, builder.address(), nonce, spec, refundAt, Amount.of(10 * Amount.TOKEN)));
    sync();
    return job;
  }

  /** Deposits and submits a job of one round, whose terms hold. */
  JobId job(Digest spec, Digest data, Digest initialModel, int shards) {
    return job(1, spec, data, initialModel, shards);
  }

  /** The same as the builder's job of this number. */
  JobId job(long number, Digest spec, Digest data, Digest initialModel, int shards) {
    JobId job = deposit(spec, number);
    model = initialModel;
    say(builder, new Command.SubmitJob(job, terms(data, shards)));
    sync();
    return job;
  }

  /** A command job of one instance that will come to this index. */
  JobId command(Digest spec, Digest inputs, Digest index) {
    JobId job = deposit(spec, 1);
    model = inputs;
    next = Optional.of(index);
    JobTerms training = terms(inputs, 1);
    say(
        builder,
        new Command.SubmitJob(
            job,
            new JobTerms(
                training.name(),
                CPU,
                16,
                1,
                1,
                training.shardWork(),
                1,
                training.limit(),
                training.deadlineMillis(),
                new PartsPerMillion(0),
                false,
                inputs,
                Execution.COMMAND_ONLINE)));
    sync();
    return job;
  }

  void asksForCommands(SigningKey key) {
    say(key, new Command.PlaceAsk(UnitPrice.ZERO, Set.of(RuntimeKind.SANDBOX_ONLINE)));
  }

  /** A job whose terms the validators have not looked at. */
  JobId unfunded(Digest spec, Digest data) {
    JobId job = deposit(spec, 1);
    say(builder, new Command.SubmitJob(job, terms(data, 1)));
    return job;
  }

  /** The shards of jobs from now on are saved each so many steps. */
  void saves(int steps) {
    execution = Execution.REFERENCE.saved(new CheckpointEvery.Steps(steps));
  }

  private JobTerms terms(Digest data, int shards) {
    return new JobTerms(
        "test",
        CPU,
        16,
        shards,
        1,
        new WorkUnits(8_000_000),
        313,
        new UnitPrice(2_000_000_000),
        START_MILLIS + 3_600_000,
        new PartsPerMillion(50_000),
        true,
        data,
        execution);
  }

  long index() {
    return read(state -> state.index());
  }

  Optional<Worker> find(SigningKey key) {
    return read(state -> state.worker(key.address()));
  }

  TaskId lease(SigningKey key) {
    return find(key).flatMap(Worker::lease).orElseThrow();
  }

  /** A worker has started its lease and saved this. */
  void saves(SigningKey key, int step, Digest blob) {
    TaskId task = lease(key);
    long fence = read(state -> state.task(task).orElseThrow().fence());
    Digest inputs = read(state -> state.inputs(state.task(task).orElseThrow()));
    say(key, new Command.StartLease(task, fence));
    say(key, new Command.SaveCheckpoint(task, fence, step, blob, inputs));
  }

  void givesUp(SigningKey key) {
    TaskId task = lease(key);
    long fence = read(state -> state.task(task).orElseThrow().fence());
    say(key, new Command.GiveUpLease(task, fence, Event.Failure.LEAVING));
  }

  void commits(SigningKey key, Digest result) {
    TaskId task = lease(key);
    long fence = read(state -> state.task(task).orElseThrow().fence());
    say(key, new Command.StartLease(task, fence));
    Digest inputs = read(state -> state.inputs(state.task(task).orElseThrow()));
    say(key, new Command.CommitResult(task, fence, result, Digest.sha256(new byte[] {1}), inputs));
  }

  /** A worker seals what it made of its lease, which is one to train or to audit. */
  void seals(SigningKey key, Digest shown) {
    TaskId task = lease(key);
    long fence = read(state -> state.task(task).orElseThrow().fence());
    Digest seal =
        Seals.seal(
            network.chainId(),
            network.settlement(),
            task,
            fence,
            key.address(),
            ROOT,
            shown,
            Digest.ZERO);
    say(key, new Command.StartLease(task, fence));
    Digest inputs = read(state -> state.inputs(state.task(task).orElseThrow()));
    say(
        key,
        task.isAudit()
            ? new Command.CommitAudit(task, fence, seal, inputs)
            : new Command.CommitResult(task, fence, shown, seal, inputs));
  }

  /** A worker opens its seal. */
  void reveals(SigningKey key, TaskId task, long fence, Digest shown) {
    say(key, new Command.Reveal(task, fence, ROOT, shown, Digest.ZERO));
  }

  /** Slots pass until this worker is drawn for an audit, which is its lease then. */
  TaskId draws(SigningKey auditor) {
    for (int slot = 0; find(auditor).flatMap(Worker::lease).isEmpty(); slot++) {
      assertTrue(slot < 10, "nobody is drawn");
      sync();
    }
    return lease(auditor);
  }

  private FactValue truth(Fact fact) {
    return switch (fact) {
      case Fact.ChainRange range ->
          new FactValue.ChainPage(
              range.to(),
              range.to() * 1_000,
              List.copyOf(blocks.subList((int) range.from() - 1, (int) range.to())));
      case Fact.TermsOf terms -> new FactValue.TermsHold(model);
      case Fact.RoundModel round ->
          new FactValue.Averaged(next.orElse(Digest.sha256(model.bytes())), 0);
      case Fact.ResultUnusable unusable -> new FactValue.Unusable(FactValue.Flaw.MISSING);
      case Fact.BatchOf batch -> new FactValue.BatchHash(Digest.sha256(new byte[] {2}));
      case Fact.Dispute dispute -> executed;
      case Fact.Checkpoint checkpoint -> new FactValue.StateDigest(Digest.ZERO);
      case Fact.Hardware hardware -> new FactValue.Judged(FactValue.Verdict.RIGHT);
    };
  }

  static List<Event> accepted(LogWriter.Written written) {
    return assertInstanceOf(
            Outcome.Accepted.class, written.outcome(), () -> written.outcome().toString())
        .events();
  }
}
