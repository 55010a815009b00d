package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.Job;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Result;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A market of builders, workers that may fail or lie in every way they can, two honest validators
 * and a lying one, and a chain that settles late, twice and out of order, all driven by one seed.
 * {@link TestMarket} checks the invariants after every command.
 */
final class Simulation {
  private static final int MOST_JOBS = 6;
  private static final Address LIAR = Parties.validator(2);
  private static final Optional<Integer> NONE = Optional.empty();

  /** How a worker behaves. Who lies does so every other time, once it has some history. */
  private enum Manner {
    HONEST,
    /** Another result, and the root of the run that gave it. */
    SCALED,
    /** The true root over another result. */
    POISONED,
    /** The true result under a false root. */
    FALSE_ROOT,
    /** Another result under a seal that it cannot open. */
    COPIED_SEAL,
    /** The true result under a seal that it cannot open. */
    FORGETFUL,
    /** Another result, and silence when it is drawn. */
    MUTE,
    /** Training that did not diverge. */
    CRIES_WOLF,
    /** Trains well and audits falsely. */
    LYING_AUDITOR,
    /** Trains well and does no audit, or none to its end. */
    LAZY_AUDITOR,
    /** False as a worker, and as an auditor of one like it. */
    COLLUDER
  }

  private final Random random;
  private final int fleet;
  private final TestMarket market;
  private final Map<Address, Manner> manners = new TreeMap<>();
  private final Set<Address> liars = new TreeSet<>();
  private final List<TestJob> jobs = new ArrayList<>();
  private final List<TestWorker> workers = new ArrayList<>();
  private final Map<JobId, Amount> deposits = new TreeMap<>();

  /** Owners of one worker each, but for the first, and all are challenged at every epoch. */
  Simulation(long seed) {
    this(seed, Presets.hasty(seed % 3 == 0 ? 5_000 : 0), 1);
  }

  /** Owners of several workers each, of whom some are challenged by chance. */
  static Simulation ofFleets(long seed) {
    return new Simulation(seed, Presets.hastyAndDrawn(seed % 2 == 0 ? 64 : 4), 3);
  }

  private Simulation(long seed, Rules rules, int fleet) {
    this.random = new Random(seed);
    this.fleet = fleet;
    this.market = TestMarket.open(rules);
    workers.addAll(market.workers(3));
  }

  TestMarket market() {
    return market;
  }

  /** Random steps, then a time in which all honest parties do their part and every job ends. */
  void run(int steps) {
    wander(steps);
    finish();
  }

  /** Random steps only. */
  void wander(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
  }

  private void step() {
    switch (random.nextInt(22)) {
      case 0 -> deposit();
      case 1 -> oneOf(jobs).ifPresent(TestJob::trySubmit);
      case 2 -> maybe(30, () -> oneOf(jobs).ifPresent(TestJob::cancel));
      case 3, 4, 5, 6 -> oneOf(workers).ifPresent(this::work);
      case 7, 8, 9 -> vote(Parties.validator(random.nextInt(2)));
      case 10 -> lie();
      case 11, 12 -> beat(Parties.validator(random.nextInt(2)), market.clockMillis());
      case 13 -> beat(LIAR, random.nextLong() >>> 1);
      case 14 -> passTime();
      case 15 -> settleSomething();
      case 16, 17 -> oneOf(market.state().revealing()).ifPresent(this::reveal);
      case 18 -> maybe(40, this::hire);
      case 20, 21 ->
          oneOf(List.copyOf(market.state().challenges().keySet())).ifPresent(this::prove);
      case 19 -> maybe(10, () -> newChain(Parties.validator(random.nextInt(3))));
      default -> throw new AssertionError();
    }
  }

  private void deposit() {
    long live = market.state().jobs().values().stream().filter(j -> !j.phase().ended()).count();
    if (live >= MOST_JOBS) {
      return;
    }
    TestJob job =
        market
            .job("job-" + jobs.size())
            .by(Parties.builder(random.nextInt(3)))
            .shards(1 + random.nextInt(4))
            .rounds(1 + random.nextInt(6))
            .memoryMiB(random.nextInt(1_200))
            .audit(random.nextBoolean() ? 50_000 : 50_000 * random.nextInt(1, 10))
            .limit(300_000_000L * (1 + random.nextInt(6)))
            .deadlineAt(market.clockMillis() + 60_000 + random.nextInt(200_000));
    if (random.nextInt(3) == 0) {
      job.goesOn();
    }
    switch (jobs.size() % 6) {
      case 3 -> {
        Execution command = jobs.size() % 24 == 15 ? Execution.COMMAND_ONLINE : Execution.COMMAND;
        job.unproven(command.saved(new CheckpointEvery.Time(1_000))).work(TestJob.WORK * 20);
      }
      case 5 -> job.unproven(Execution.TORCH).saved(10);
      default -> {}
    }
    if (jobs.size() % 2 == 0 && !job.terms().execution().runtime().runsCommands()) {
      job.saved(10);
    }
    job.refundAt(job.terms().deadlineMillis() / 1_000 + 61 + random.nextInt(120));
    Amount least = job.terms().roundBudget();
    switch (random.nextInt(8)) {
      case 0 -> job.fundedExactly(Amount.of(least.units() / 2));
      case 1, 2 -> job.fundedExactly(least);
      default -> job.fundedExactly(least.times(6));
    }
    if (random.nextInt(10) == 0) {
      market.diverges(
          new TaskId(job.id(), 1 + random.nextInt(3), random.nextInt(5)), random.nextInt(100));
    }
    market.chain().add(job.depositEvent());
    deposits.merge(job.id(), job.depositEvent().amount(), Amount::plus);
    jobs.add(job);
  }

  private void hire() {
    if (workers.size() < 12) {
      int number = 100 + workers.size() / fleet;
      Address owner = Parties.owner(number);
      Address key = Parties.worker(number, workers.size() % fleet);
      market.chain().stake(owner, 5);
      market.register(key, owner, 512 * random.nextInt(4));
      workers.add(new TestWorker(market, key, owner));
    } else {
      Address owner = oneOf(workers).orElseThrow().owner();
      market.chain().add(new ChainEvent.UnstakeRequested(owner, Amount.of(Amount.TOKEN)));
      market.chain().stake(owner, 2);
    }
  }

  private void work(TestWorker worker) {
    Optional<Worker> known = market.state().worker(worker.key());
    if (known.isEmpty()) {
      market.register(worker.key(), worker.owner(), 512 * random.nextInt(4));
      return;
    }
    Optional<Task> task = worker.task();
    if (task.isEmpty()) {
      UnitPrice reserve = new UnitPrice(random.nextInt(1_200_000_000));
      market.send(worker.key(), new Command.PlaceAsk(reserve, runtimes()));
      return;
    }
    switch (random.nextInt(12)) {
      case 0 -> reportSilent(worker);
      case 1 -> market.send(worker.key(), new Command.Drain());
      case 2 -> market.send(worker.key(), new Command.WithdrawAsk());
      case 3 -> market.send(worker.key(), new Command.Alive());
      case 4 -> stale(worker, task.get());
      case 5 -> {}
      case 6 ->
          maybe(50, () -> worker.givesUp(oneOf(List.of(Event.Failure.values())).orElseThrow()));
      case 7, 8 -> {
        worker.start();
        save(worker, task.get());
      }
      default -> {
        worker.start();
        commit(worker);
      }
    }
  }

  /** Honest owners save what they have; others may save anything, and answer for it. */
  private void save(TestWorker worker, Task task) {
    boolean timed = market.state().job(task.id().job()).orElseThrow().terms().execution().isTimed();
    int step = timed ? task.savedSteps() + random.nextInt(3) : random.nextInt(TestJob.STEPS + 1);
    boolean resumes = resumes(task);
    boolean lies = random.nextBoolean() && mannerOf(worker) == Manner.SCALED;
    if (lies) {
      liars.add(worker.owner());
    }
    boolean isTrue = !lies && (!resumes || restsOnTruth(task));
    Digest blob = market.stateAt(task.id(), isTrue ? step : TestJob.STEPS + 1);
    worker.saves(step, blob, resumes);
  }

  private boolean resumes(Task task) {
    return !task.earlierCheckpoints().isEmpty() && random.nextInt(4) > 0;
  }

  /** Whether the last of the checkpoints that a lease was offered is true. */
  private boolean restsOnTruth(Task task) {
    Checkpoint last = task.earlierCheckpoints().getLast();
    return last.blob().equals(market.stateAt(task.id(), last.step()));
  }

  private Set<RuntimeKind> runtimes() {
    return switch (random.nextInt(4)) {
      case 0 -> Set.of(RuntimeKind.SANDBOX, RuntimeKind.TORCH);
      case 1 -> Set.of(RuntimeKind.values());
      default -> Set.of(RuntimeKind.REFERENCE);
    };
  }

  private static long patience(TestWorker worker) {
    return (worker.key().b() + worker.key().c()) % 2 == 0 ? 0 : 2;
  }

  private void reportSilent(TestWorker worker) {
    market.send(Parties.validator(0), new Command.ReportSilent(List.of(worker.key())));
  }

  private Manner mannerOf(TestWorker worker) {
    return manners.computeIfAbsent(
        worker.owner(),
        owner ->
            random.nextInt(5) < 2
                ? Manner.HONEST
                : Manner.values()[random.nextInt(Manner.values().length)]);
  }

  /** Commits to a result, or to what an audit found, in its own way. */
  private void commit(TestWorker worker) {
    Task task = worker.task().orElseThrow();
    FactValue.Executed truth = worker.truth();
    FactValue.Executed lie = lie(task.id());
    boolean lies =
        random.nextBoolean()
            && market.state().standing(worker.owner()).verified() >= patience(worker);
    Manner manner = mannerOf(worker);
    if (task.id().isAudit()) {
      boolean colludes =
          manner == Manner.COLLUDER
              && market.state().result(task.id()).orElseThrow().claim().shown().equals(lie.shown());
      if (manner == Manner.LAZY_AUDITOR && lies) {
        return;
      }
      say(worker, colludes || (manner == Manner.LYING_AUDITOR && lies) ? lie : truth);
      return;
    }
    if (resumes(task)) {
      boolean spoilt = !restsOnTruth(task);
      if (lies && manner == Manner.SCALED) {
        liars.add(worker.owner());
        spoilt = true;
      }
      worker.commitsResumed(spoilt ? lie : truth);
      return;
    }
    if (!lies) {
      say(worker, truth);
      return;
    }
    switch (manner) {
      case HONEST, LYING_AUDITOR, LAZY_AUDITOR -> say(worker, truth);
      case SCALED, COLLUDER, MUTE -> say(worker, lie);
      case POISONED -> say(worker, new FactValue.Executed(truth.root(), lie.shown(), NONE));
      case FALSE_ROOT ->
          say(worker, new FactValue.Executed(lie.root(), truth.shown(), truth.divergedAt()));
      case CRIES_WOLF ->
          say(worker, new FactValue.Executed(lie.root(), Divergence.shown(7), Optional.of(7)));
      case COPIED_SEAL -> {
        liars.add(worker.owner());
        unopenable(worker, task, lie.shown());
      }
      case FORGETFUL -> {
        if (truth.divergedAt().isEmpty()) {
          unopenable(worker, task, truth.shown());
        }
      }
    }
  }

  private void say(TestWorker worker, FactValue.Executed said) {
    if (!said.equals(worker.truth())) {
      liars.add(worker.owner());
    }
    worker.commit(said);
  }

  private void unopenable(TestWorker worker, Task task, Digest shown) {
    Digest copied = Digest.sha256(new byte[] {7}, shown.bytes());
    market.send(
        worker.key(),
        new Command.CommitResult(
            task.id(), task.fence(), shown, copied, market.state().inputs(task)));
  }

  /** The same for whoever tells it. */
  private static FactValue.Executed lie(TaskId task) {
    byte[] shard = (task.training() + "lie").getBytes(StandardCharsets.UTF_8);
    return new FactValue.Executed(
        Digest.sha256(new byte[] {3}, shard), Digest.sha256(new byte[] {4}, shard), NONE);
  }

  /** One side of an audit opens its seal, tries to, or is silent. */
  private void reveal(TaskId audit) {
    Result result = market.state().result(audit).orElseThrow();
    TestWorker worker = market.worker(result.claim().worker());
    TestWorker auditor = market.auditor(audit);
    Task task = market.state().task(audit).orElseThrow();
    boolean silent = mannerOf(auditor) == Manner.LAZY_AUDITOR && random.nextInt(4) > 0;
    if (random.nextBoolean() && !silent) {
      auditor.reveal(audit, task.fence());
    } else if (mannerOf(worker) != Manner.MUTE) {
      worker.reveal(
          audit.training(),
          audit.audited(),
          market
              .sealed(audit.training(), audit.audited(), worker.key())
              .orElseGet(() -> market.execute(audit)));
    }
  }

  /** A challenged worker does what it is asked to, or something else, or nothing. */
  private void prove(Address key) {
    LiveChallenge live = market.state().challenge(key).orElseThrow();
    Digest seed = live.challenge().seed();
    boolean honest = random.nextInt(6) > 0;
    if (live.awaitsOpening()) {
      Digest opening = honest ? TestMarket.opening(live) : seed;
      market.send(key, new Command.OpenChallenge(seed, opening));
    } else {
      Digest root = honest ? TestMarket.root(live) : seed;
      market.send(key, new Command.AnswerChallenge(seed, root));
    }
  }

  private void newChain(Address validator) {
    int number = Optional.ofNullable(market.state().seats().get(validator)).orElseThrow().number();
    market.send(validator, new Command.NewChain(number + 1, Places.tip(validator, number + 1)));
  }

  private void stale(TestWorker worker, Task task) {
    long fence = task.fence() + random.nextInt(3) - 1;
    TaskId id = new TaskId(task.id().job(), random.nextInt(4), random.nextInt(6) - 1);
    market.send(
        worker.key(), new Command.CommitResult(id, fence, Digest.ZERO, Digest.ZERO, Digest.ZERO));
  }

  /** Some results are lost: an honest validator says so, and does not average over them. */
  private static boolean isLost(Task task) {
    return task.commitment()
        .filter(made -> !made.isReplaced() && made.seal().a() % 8 == 0)
        .isPresent();
  }

  private Optional<Task> lost(JobId job) {
    return market.state().shardsOf(job).stream().filter(Simulation::isLost).findFirst();
  }

  /** An honest validator answers one open question. */
  private void vote(Address validator) {
    oneOf(List.copyOf(market.state().facts().keySet())).ifPresent(fact -> vote(validator, fact));
  }

  private void vote(Address validator, Fact asked) {
    Fact fact = asked;
    if (asked instanceof Fact.RoundModel model && lost(model.job()).isPresent()) {
      Task task = lost(model.job()).orElseThrow();
      fact = new Fact.ResultUnusable(task.id(), task.fence());
    } else if (asked instanceof Fact.ResultUnusable unusable
        && !market.state().task(unusable.task()).filter(Simulation::isLost).isPresent()) {
      return;
    }
    int view = Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
    market.send(validator, new Command.Attest(fact, view, market.truth(fact)));
  }

  private void lie() {
    if (random.nextInt(4) == 0) {
      List<Address> keys = workers.stream().map(TestWorker::key).toList();
      market.send(LIAR, new Command.ReportSilent(keys.subList(0, random.nextInt(keys.size()))));
      return;
    }
    List<Fact> facts = new ArrayList<>(market.state().facts().keySet());
    market.state().tasks().values().stream()
        .filter(task -> task.phase() == TaskPhase.COMMITTED)
        .forEach(task -> facts.add(new Fact.ResultUnusable(task.id(), task.fence())));
    oneOf(facts).ifPresent(this::lieAbout);
  }

  private void lieAbout(Fact fact) {
    FactValue lie =
        switch (fact) {
          case Fact.ChainRange range ->
              new FactValue.ChainPage(
                  range.to(),
                  0,
                  List.of(
                      new ChainEvent.Staked(LIAR, Amount.of(Amount.TOKEN)),
                      new ChainEvent.Settled(1, Digest.ZERO)));
          case Fact.TermsOf terms -> new FactValue.TermsRefused("lie");
          case Fact.RoundModel model -> new FactValue.Averaged(Digest.ZERO, random.nextLong());
          case Fact.ResultUnusable unusable -> new FactValue.Unusable(FactValue.Flaw.NOT_FINITE);
          case Fact.BatchOf batch -> new FactValue.BatchHash(Digest.ZERO);
          case Fact.Dispute dispute ->
              new FactValue.Executed(Digest.ZERO, Digest.ZERO, Optional.empty());
          case Fact.Checkpoint checkpoint -> new FactValue.StateDigest(Digest.ZERO);
          case Fact.Hardware hardware -> new FactValue.Judged(FactValue.Verdict.MISSING);
        };
    int view = Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
    market.send(LIAR, new Command.Attest(fact, view, lie));
  }

  private void beat(Address validator, long millis) {
    long slot = market.state().clock().slot();
    if (validator.equals(LIAR) && random.nextInt(4) == 0) {
      market.withholds(LIAR);
    } else {
      market.reveals(LIAR);
    }
    market.send(validator, market.beatOf(validator, slot, millis));
  }

  private void passTime() {
    market.letPass(random.nextInt(50) == 0 ? 20_000 : random.nextInt(1_500));
    for (TestJob job : jobs) {
      long refundAt = job.depositEvent().refundAt();
      if (refundAt * 1_000 < market.clockMillis() && random.nextInt(200) == 0) {
        market.chain().add(new ChainEvent.Reclaimed(job.id(), job.depositEvent().amount()));
      }
    }
  }

  /** A signed batch, old or new, reaches the chain, perhaps for the second time. */
  private void settleSomething() {
    List<SealedBatch> known =
        market.state().batches().values().stream()
            .filter(batch -> batch.phase() != BatchPhase.SEALED)
            .toList();
    oneOf(known)
        .ifPresent(
            batch ->
                market.chain().add(new ChainEvent.Settled(batch.batch().id(), batch.digest())));
  }

  private void finish() {
    for (int turn = 0; turn < 4_000 && !done(); turn++) {
      market.letPass(market.pace().beat());
      for (int validator = 0; validator < 2; validator++) {
        Address key = Parties.validator(validator);
        beat(key, market.clockMillis());
        List.copyOf(market.state().facts().keySet()).forEach(fact -> vote(key, fact));
      }
      for (TestWorker worker : workers) {
        if (market.state().worker(worker.key()).isPresent() && worker.task().isPresent()) {
          commit(worker);
        }
      }
      List.copyOf(market.state().challenges().keySet()).forEach(this::prove);
      market.state().revealing().forEach(this::revealIfStillAsked);
      market.batch(BatchPhase.SIGNED).filter(b -> random.nextInt(5) == 0).ifPresent(this::settle);
    }
    assertTrue(done(), this::whatIsLeft);
    market.state().batches().values().forEach(this::withinEscrow);
    onlyLiarsWereSlashed();
  }

  private String whatIsLeft() {
    return "not over: facts "
        + market.state().facts()
        + ", stakes "
        + market.state().unsettled()
        + ", results "
        + market.state().results().values().stream().filter(r -> r.phase().isOpen()).toList()
        + ", tasks "
        + market.state().tasks().values()
        + ", batches "
        + market.state().batches().values().stream().map(SealedBatch::phase).toList()
        + ", jobs "
        + market.state().jobs().values().stream().filter(job -> !job.settled()).toList();
  }

  private void revealIfStillAsked(TaskId audit) {
    if (market.state().revealing().contains(audit)) {
      reveal(audit);
    }
  }

  private void onlyLiarsWereSlashed() {
    for (TestWorker worker : workers) {
      Address owner = worker.owner();
      boolean slashed =
          market.state().standing(owner).lies() > 0
              || !market.state().ledger().slashedFrom(owner).isZero();
      assertTrue(liars.contains(owner) || !slashed, () -> mannerOf(worker) + " " + owner);
    }
  }

  private void settle(SealedBatch batch) {
    market.chain().add(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
  }

  private boolean done() {
    return market.state().jobs().values().stream().allMatch(Job::settled)
        && market.state().unsettled().isEmpty()
        && market.state().facts().keySet().stream().allMatch(Simulation::comesAnew);
  }

  /** Questions that are asked again and again, whatever happens. */
  private static boolean comesAnew(Fact fact) {
    return fact instanceof Fact.Checkpoint || fact instanceof Fact.Hardware;
  }

  private void withinEscrow(SealedBatch sealed) {
    for (Batch.CloseLine close : sealed.batch().closes()) {
      Amount deposited = deposits.getOrDefault(close.job(), Amount.ZERO);
      assertFalse(deposited.isLessThan(close.finalTotal()), close::toString);
      Amount paid =
          sealed.batch().pays().stream()
              .filter(pay -> pay.job().equals(close.job()))
              .map(Batch.PayLine::total)
              .reduce(Amount.ZERO, Amount::plus);
      assertEquals(close.finalTotal(), paid);
    }
  }

  /** Another replica fed the same bytes, and one that starts from a snapshot, know the same. */
  void replicasAgree() {
    List<LogEntry> log = market.log();
    int cut = random.nextInt(log.size());
    MarketMachine replayed = new MarketMachine();
    log.subList(0, cut).forEach(entry -> entry.applyTo(replayed));
    MarketMachine restored =
        MarketMachine.restored(StateCodec.STATE.encode(replayed.state().copy()));
    for (LogEntry entry : log.subList(cut, log.size())) {
      assertEquals(entry.applyTo(replayed), entry.applyTo(restored));
    }
    byte[] original = StateCodec.STATE.encode(market.state());
    assertArrayEquals(original, StateCodec.STATE.encode(replayed.state()));
    assertArrayEquals(original, StateCodec.STATE.encode(restored.state()));
    assertEquals(market.state().hash(), restored.state().hash());
  }

  private <T> Optional<T> oneOf(List<T> things) {
    return things.isEmpty()
        ? Optional.empty()
        : Optional.of(things.get(random.nextInt(things.size())));
  }

  private void maybe(int percent, Runnable action) {
    if (random.nextInt(100) < percent) {
      action.run();
    }
  }
}
