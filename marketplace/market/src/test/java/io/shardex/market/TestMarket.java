package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Rejection.Reason;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A whole market for a test: the machine, its validators, a chain, and a clock that moves when it
 * is told to. Every command goes through its bytes, and the invariants are checked after each.
 */
final class TestMarket {
  static final Signature SIGNATURE = new Signature(Digest.ZERO, Digest.ZERO, 27);

  private final MarketMachine machine = new MarketMachine();
  private final TestChain chain = new TestChain();
  private final List<LogEntry> log = new ArrayList<>();
  private final Map<Address, Long> nonces = new TreeMap<>();
  private final Network network;
  private final Set<Class<?>> seen = new LinkedHashSet<>();
  private final Set<Address> withholding = new TreeSet<>();
  private final Map<Seal, FactValue.Executed> sealed = new HashMap<>();
  private final Map<TaskId, Integer> diverging = new TreeMap<>();
  private long clockMillis = 1_800_000_000_000L;
  private int owners;
  private long accepted;
  private long applied;
  private boolean checked = true;
  private int challenges;
  private int challengesInCompany;

  /** Whose seal over which lease. */
  private record Seal(TaskId task, long fence, Address signer) {}

  private TestMarket(Network network) {
    this.network = network;
  }

  /** Three validators of whom two must agree, no audits, and a first slot behind it. */
  static TestMarket open() {
    return open(Presets.unaudited());
  }

  /** The same with the preset rules. */
  static TestMarket audited() {
    return open(Rules.local());
  }

  static TestMarket open(Rules rules) {
    return open(TestNetwork.of(3, 2, rules));
  }

  static TestMarket open(Network network) {
    TestMarket market = unborn(network);
    accepted(market.born());
    market.sync();
    return market;
  }

  static TestMarket unborn(Network network) {
    return new TestMarket(network);
  }

  /** One that keeps no log and checks no invariants, for runs that are many. */
  static TestMarket quick(Rules rules) {
    TestMarket market = unborn(TestNetwork.of(3, 2, rules));
    market.checked = false;
    accepted(market.born());
    market.sync();
    return market;
  }

  Outcome born() {
    return apply(envelope(Parties.STRANGER, new Command.Genesis(network)), Author.NOBODY);
  }

  // What it holds.

  MarketState state() {
    return machine.state();
  }

  Network network() {
    return network;
  }

  Rules.Pace pace() {
    return network.rules().pace();
  }

  TestChain chain() {
    return chain;
  }

  List<LogEntry> log() {
    return log;
  }

  /** The kinds of events that have happened. */
  Set<Class<?>> seen() {
    return seen;
  }

  /** How many challenges were drawn. */
  int challenges() {
    return challenges;
  }

  /** How many of them together with another worker of the same owner. */
  int challengesInCompany() {
    return challengesInCompany;
  }

  long clockMillis() {
    return clockMillis;
  }

  long now() {
    return state().clock().millis();
  }

  // Commands.

  Outcome apply(Envelope envelope, Author author) {
    LogEntry entry = new LogEntry(envelope, author, new Stamp(applied++, 0));
    if (checked) {
      log.add(entry);
    }
    Outcome outcome = entry.applyTo(machine);
    if (outcome instanceof Outcome.Accepted did) {
      accepted++;
      did.events().forEach(event -> seen.add(event.getClass()));
    }
    if (!checked) {
      return outcome;
    }
    requireOffered(outcome);
    requireTogether(outcome);
    if (log.size() < 200 || log.size() % 64 == 0) {
      Invariants.check(state());
    } else {
      // Comparing the indexes takes the longest.
      Invariants.checkWithoutIndexes(state());
    }
    return outcome;
  }

  /** Nobody is leased what it has not offered to run. */
  private void requireOffered(Outcome outcome) {
    if (outcome instanceof Outcome.Accepted did) {
      for (Event.LeaseGranted granted : only(Event.LeaseGranted.class, did.events())) {
        JobTerms terms = state().job(granted.task().job()).orElseThrow().terms();
        boolean offered =
            worker(granted.worker()).worker().runtimes().contains(terms.execution().runtime());
        assertTrue(offered || granted.task().isAudit(), granted::toString);
      }
    }
  }

  /** All workers of an owner are challenged at once, unless there is no room for more. */
  private void requireTogether(Outcome outcome) {
    if (!(outcome instanceof Outcome.Accepted did)) {
      return;
    }
    Set<Address> drawn =
        only(Event.ChallengeDrawn.class, did.events()).stream()
            .map(Event.ChallengeDrawn::worker)
            .collect(Collectors.toSet());
    challenges += drawn.size();
    for (Address key : drawn) {
      Address owner = worker(key).owner();
      boolean alone =
          drawn.stream().filter(other -> worker(other).owner().equals(owner)).count() == 1;
      challengesInCompany += alone ? 0 : 1;
    }
    for (Worker worker : state().workers().values()) {
      boolean isHere = worker.asks() || worker.lease().isPresent();
      boolean withOthers =
          drawn.stream().anyMatch(key -> worker(key).owner().equals(worker.owner()));
      if (withOthers && drawn.size() < network.rules().proofs().live()) {
        assertTrue(drawn.contains(worker.key()) || !isHere, worker::toString);
      }
      assertTrue(
          !withOthers || drawn.contains(worker.key()) || state().challenge(worker.key()).isEmpty(),
          worker::toString);
    }
  }

  /** The command with a nonce its signer has not used and an expiry within the bound. */
  Envelope envelope(Address signer, Command command) {
    return envelope(command, nonces.merge(signer, 1L, Long::sum), expiry());
  }

  Envelope envelope(Command command, long nonce, long expiryMillis) {
    return new Envelope(command, nonce, expiryMillis, SIGNATURE, Optional.empty());
  }

  long expiry() {
    return Math.max(now(), clockMillis) + pace().commandLife();
  }

  Outcome send(Address signer, Command command) {
    return apply(envelope(signer, command), Author.of(signer));
  }

  List<Event> accept(Address signer, Command command) {
    return accepted(send(signer, command));
  }

  void refuse(Reason reason, Address signer, Command command) {
    refused(reason, send(signer, command));
  }

  static List<Event> accepted(Outcome outcome) {
    return assertInstanceOf(Outcome.Accepted.class, outcome, outcome::toString).events();
  }

  static <E extends Event> List<E> only(Class<E> kind, List<Event> events) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  static void refused(Reason reason, Outcome outcome) {
    Rejection no = assertInstanceOf(Outcome.Rejected.class, outcome, outcome::toString).rejection();
    assertEquals(reason, no.reason(), no::toString);
  }

  // People.

  TestJob job(String name) {
    return new TestJob(this, name);
  }

  /** One owner with a stake for {@code slots} registered workers. */
  List<TestWorker> workers(int slots) {
    return workers(slots, 5L * slots, 1_024);
  }

  /**
   * A worker of another owner that asks. It has more memory than those of {@link #workers}, so it
   * trains only what those leave.
   */
  TestWorker auditor() {
    return workers(1, 5, 4_096).get(0).asks();
  }

  List<TestWorker> workers(int slots, long stake, int memoryMiB) {
    Address owner = Parties.owner(owners++);
    chain.stake(owner, stake);
    sync();
    List<TestWorker> workers = new ArrayList<>();
    for (int slot = 0; slot < slots; slot++) {
      Address key = Parties.worker(owners, slot);
      accepted(register(key, owner, memoryMiB));
      workers.add(new TestWorker(this, key, owner));
    }
    return workers;
  }

  /** {@link #workers} that ask for any price. */
  List<TestWorker> asking(int slots) {
    List<TestWorker> workers = workers(slots);
    workers.forEach(TestWorker::asks);
    return workers;
  }

  Outcome register(Address key, Address owner, int memoryMiB) {
    return apply(
        envelope(key, new Command.RegisterWorker(owner, TestNetwork.CPU, memoryMiB)),
        new Author(Optional.of(key), Optional.of(owner)));
  }

  // Time and facts.

  /** Every validator beats once in the open slot with the same clock. */
  List<Event> beat() {
    List<Event> events = new ArrayList<>();
    long slot = state().clock().slot();
    for (Address validator : network.validators()) {
      events.addAll(accept(validator, beatOf(validator, slot, clockMillis)));
    }
    return events;
  }

  Command.Beat beatOf(Address validator, long slot, long millis) {
    return new Command.Beat(
        slot, millis, chain.head(), state().index(), state().hash(), placeOf(validator, slot));
  }

  /** The place of a slot in the validator's chain, unless it holds it back. */
  Optional<Digest> placeOf(Address validator, long slot) {
    return Optional.ofNullable(state().seats().get(validator))
        .filter(seat -> seat.hasChain() && !withholding.contains(validator))
        .flatMap(seat -> Places.place(validator, seat.number(), slot - seat.start()));
  }

  /** From now on this validator beats without its places. */
  void withholds(Address validator) {
    withholding.add(validator);
  }

  void reveals(Address validator) {
    withholding.remove(validator);
  }

  /** Slots pass, without time, until no draw waits for its beacon. */
  List<Event> draws() {
    List<Event> events = new ArrayList<>();
    while (!state().draws().isEmpty()) {
      events.addAll(beat());
    }
    return events;
  }

  /** Moves the validators' clocks; the market's follows with their next beats. */
  void letPass(long millis) {
    clockMillis += millis;
  }

  /** Moves the clock in one jump and beats. */
  List<Event> jump(long millis) {
    clockMillis += millis;
    return beat();
  }

  /** Moves the clock in steps of idle slots. */
  List<Event> pass(long millis) {
    List<Event> events = new ArrayList<>();
    for (long left = millis; left > 0; left -= pace().idleBeat()) {
      events.addAll(jump(Math.min(left, pace().idleBeat())));
    }
    return events;
  }

  /** Lets the validators answer every open question. */
  List<Event> agree() {
    return agree(fact -> true);
  }

  List<Event> agree(Predicate<Fact> which) {
    List<Event> events = new ArrayList<>();
    boolean more = true;
    while (more) {
      List<Fact> open = state().facts().keySet().stream().filter(which).toList();
      open.forEach(fact -> events.addAll(attest(fact, truth(fact))));
      more = !open.isEmpty();
    }
    return events;
  }

  /** Validators vote alike, one after the other, until the question is settled. */
  List<Event> attest(Fact fact, FactValue value) {
    List<Event> events = new ArrayList<>();
    for (Address validator : network.validators()) {
      OpenFact open = state().facts().get(fact);
      boolean asked = open != null || events.isEmpty();
      if (asked && (open == null || open.voteOf(validator).isEmpty())) {
        int view = open == null ? 0 : open.view();
        events.addAll(accept(validator, new Command.Attest(fact, view, value)));
      }
    }
    return events;
  }

  /** What an honest validator finds. */
  FactValue truth(Fact fact) {
    return switch (fact) {
      case Fact.ChainRange range -> chain.page(range.from(), range.to());
      case Fact.TermsOf terms ->
          new FactValue.TermsHold(Digest.sha256(terms.job().value().bytes()));
      case Fact.RoundModel model ->
          new FactValue.Averaged(
              Digest.sha256(model.job().value().bytes(), new byte[] {(byte) model.round()}),
              model.round());
      case Fact.ResultUnusable unusable -> new FactValue.Unusable(FactValue.Flaw.MISSING);
      case Fact.BatchOf batch -> new FactValue.BatchHash(hash(batch.batch()));
      case Fact.Dispute dispute -> executeWithCheckpoints(dispute.audit());
      case Fact.Hardware hardware -> judge(hardware.worker());
      case Fact.Checkpoint checkpoint ->
          new FactValue.StateDigest(
              Digest.sha256(ByteBuffer.allocate(8).putLong(checkpoint.index()).array()));
    };
  }

  private FactValue judge(Address worker) {
    LiveChallenge live = state().challenge(worker).orElseThrow();
    boolean right =
        live.opening().orElseThrow().equals(opening(live))
            && live.answer().orElseThrow().root().equals(root(live));
    return new FactValue.Judged(right ? FactValue.Verdict.RIGHT : FactValue.Verdict.WRONG);
  }

  /** The right answer of a challenge. */
  static Digest root(LiveChallenge live) {
    return Digest.sha256(new byte[] {5}, live.challenge().seed().bytes());
  }

  /** What shows it where chance looks. */
  static Digest opening(LiveChallenge live) {
    return Digest.sha256(root(live).bytes(), live.draw().orElseThrow().bytes());
  }

  /** What training a shard gives: of the result it is about, or of the open round. */
  FactValue.Executed execute(TaskId task) {
    Digest base =
        state()
            .result(task)
            .map(result -> result.claim().base())
            .orElseGet(() -> state().job(task.job()).orElseThrow().baseModel());
    byte[] shard = ValueCodecs.TASK_ID.encode(task.training());
    Optional<Integer> divergedAt = Optional.ofNullable(diverging.get(task.training()));
    Digest shown =
        divergedAt
            .map(Divergence::shown)
            .orElseGet(() -> Digest.sha256(new byte[] {1}, shard, base.bytes()));
    return new FactValue.Executed(
        Digest.sha256(new byte[] {2}, shard, base.bytes()), shown, divergedAt);
  }

  private FactValue.Executed executeWithCheckpoints(TaskId audit) {
    FactValue.Executed truth = execute(audit);
    List<Digest> states =
        state().result(audit).orElseThrow().claim().checkpoints().stream()
            .map(saved -> stateAt(audit, saved.step()))
            .toList();
    return new FactValue.Executed(truth.root(), truth.shown(), truth.divergedAt(), states);
  }

  /** What a shard's training from the start has after so many steps. */
  Digest stateAt(TaskId task, int step) {
    return Digest.sha256(execute(task).root().bytes(), new byte[] {(byte) step});
  }

  /** Whoever trains this shard finds that it leaves the finite numbers at a step. */
  void diverges(TaskId training, int step) {
    diverging.put(training, step);
  }

  // Seals.

  /** What a worker makes a seal's salt of; nobody else can. */
  Digest salt(TaskId task, long fence, Address signer) {
    return Digest.sha256(
        signer.bytes(), Seals.place(network.chainId(), network.settlement(), task, fence));
  }

  Digest seal(TaskId task, long fence, Address signer, FactValue.Executed said) {
    return Seals.seal(
        network.chainId(),
        network.settlement(),
        task,
        fence,
        signer,
        said.root(),
        said.shown(),
        salt(task, fence, signer));
  }

  void remember(Task task, Address signer, FactValue.Executed said) {
    sealed.put(new Seal(task.id(), task.fence(), signer), said);
  }

  Optional<FactValue.Executed> sealed(TaskId task, long fence, Address signer) {
    return Optional.ofNullable(sealed.get(new Seal(task, fence, signer)));
  }

  // Audits.

  TestWorker worker(Address key) {
    return new TestWorker(this, key, state().worker(key).orElseThrow().owner());
  }

  TestWorker auditor(TaskId audit) {
    return worker(state().result(audit).orElseThrow().audit().auditor().orElseThrow().worker());
  }

  /** The audits that are leased, by their ids. */
  List<Task> audits() {
    return state().tasks().values().stream()
        .filter(task -> task.id().isAudit() && task.phase() == TaskPhase.LEASED)
        .toList();
  }

  /** Every auditor that has its audit's lease executes it and seals what it found. */
  void auditorsSeal() {
    while (!audits().isEmpty()) {
      audits().forEach(task -> worker(task.lease().orElseThrow().worker()).works());
    }
  }

  /** Both sides of every sealed audit open what they sealed; those who cannot are silent. */
  void bothReveal() {
    for (TaskId id : state().revealing()) {
      workerReveals(id);
      if (isSealed(id)) {
        auditorReveals(id);
      }
    }
  }

  private boolean isSealed(TaskId audit) {
    return state().result(audit).filter(r -> r.phase() == ResultPhase.SEALED).isPresent();
  }

  void workerReveals(TaskId audit) {
    Result result = state().result(audit).orElseThrow();
    Address key = result.claim().worker();
    if (result.audit().worker().isEmpty()) {
      sealed(audit.training(), audit.audited(), key)
          .ifPresent(said -> worker(key).reveal(audit.training(), audit.audited(), said));
    }
  }

  void auditorReveals(TaskId audit) {
    Task task = state().task(audit).orElseThrow();
    Address key = task.lease().orElseThrow().worker();
    sealed(audit, task.fence(), key).ifPresent(said -> worker(key).reveal(audit, task.fence()));
  }

  /** Draws, audits and disputes go on to their end, without time, as far as all are honest. */
  List<Event> finishAudits() {
    List<Event> events = new ArrayList<>();
    boolean more = true;
    while (more) {
      long before = accepted;
      events.addAll(draws());
      auditorsSeal();
      bothReveal();
      events.addAll(agree(Fact.Dispute.class::isInstance));
      more = accepted > before;
    }
    return events;
  }

  Digest hash(long batch) {
    return Digest.sha256(ValueCodecs.BATCH.encode(batch(batch).batch()));
  }

  /** A slot opens, and what the validators are asked is answered. */
  List<Event> sync() {
    List<Event> events = new ArrayList<>(jump(pace().beat()));
    events.addAll(agree());
    return events;
  }

  /** Every leased worker starts and commits, round after round, until no shard is leased. */
  void train(TestJob job) {
    while (!job.tasks(TaskPhase.LEASED).isEmpty()) {
      for (var task : job.tasks(TaskPhase.LEASED)) {
        Address key = task.lease().orElseThrow().worker();
        worker(key).works();
      }
      finishRound();
    }
  }

  /** What is committed is audited, and the validators agree on the round's model. */
  List<Event> finishRound() {
    List<Event> events = new ArrayList<>(finishAudits());
    events.addAll(agree(Fact.RoundModel.class::isInstance));
    return events;
  }

  SealedBatch batch(long id) {
    return Optional.ofNullable(state().batches().get(id)).orElseThrow();
  }

  /** The newest batch in this phase. */
  Optional<SealedBatch> batch(BatchPhase phase) {
    return state().batches().descendingMap().values().stream()
        .filter(batch -> batch.phase() == phase)
        .findFirst();
  }

  /** The chain settles a signed batch, and the market reads it. */
  List<Event> settle(SealedBatch batch) {
    chain.add(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
    return sync();
  }
}
