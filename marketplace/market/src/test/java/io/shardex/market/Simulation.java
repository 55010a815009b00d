package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.Job;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A market of builders, workers that may fail, two honest validators and a lying one, and a chain
 * that settles late, twice and out of order, all driven by one seed. {@link TestMarket} checks the
 * invariants after every command.
 */
final class Simulation {
  private static final int MOST_JOBS = 6;
  private static final Address LIAR = Parties.validator(2);

  private final Random random;
  private final TestMarket market = TestMarket.open(Presets.hasty(0));
  private final List<TestJob> jobs = new ArrayList<>();
  private final List<TestWorker> workers = new ArrayList<>();
  private final Map<JobId, Amount> deposits = new TreeMap<>();

  Simulation(long seed) {
    this.random = new Random(seed);
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
    switch (random.nextInt(16)) {
      case 0 -> deposit();
      case 1 -> oneOf(jobs).ifPresent(TestJob::trySubmit);
      case 2 -> maybe(30, () -> oneOf(jobs).ifPresent(TestJob::cancel));
      case 3 -> maybe(40, this::hire);
      case 4, 5, 6 -> oneOf(workers).ifPresent(this::work);
      case 7, 8, 9 -> vote(Parties.validator(random.nextInt(2)));
      case 10 -> lie();
      case 11, 12 -> beat(Parties.validator(random.nextInt(2)), market.clockMillis());
      case 13 -> beat(LIAR, random.nextLong() >>> 1);
      case 14 -> passTime();
      case 15 -> settleSomething();
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
            .shards(1 + random.nextInt(5))
            .rounds(1 + random.nextInt(3))
            .memoryMiB(random.nextInt(1_500))
            .limit(300_000_000L * (1 + random.nextInt(6)))
            .deadlineAt(market.clockMillis() + 60_000 + random.nextInt(200_000));
    job.refundAt(job.terms().deadlineMillis() / 1_000 + 61 + random.nextInt(120));
    Amount least = job.terms().roundBudget();
    job.fundedExactly(random.nextInt(8) == 0 ? Amount.of(least.units() / 2) : least);
    market.chain().add(job.depositEvent());
    deposits.merge(job.id(), job.depositEvent().amount(), Amount::plus);
    jobs.add(job);
  }

  private void hire() {
    if (workers.size() < 12) {
      Address owner = Parties.owner(100 + workers.size());
      Address key = Parties.worker(100 + workers.size(), 0);
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
      market.send(worker.key(), new Command.PlaceAsk(new UnitPrice(random.nextInt(1_200_000_000))));
      return;
    }
    switch (random.nextInt(12)) {
      case 0 -> worker.commit();
      case 1 -> market.send(worker.key(), new Command.Drain());
      case 2 -> market.send(worker.key(), new Command.WithdrawAsk());
      case 3 -> market.send(worker.key(), new Command.Alive());
      case 4 -> stale(worker, task.get());
      case 5 -> {}
      default -> {
        worker.start();
        worker.commit();
      }
    }
  }

  private void stale(TestWorker worker, Task task) {
    long fence = task.fence() + random.nextInt(3) - 1;
    TaskId id = new TaskId(task.id().job(), random.nextInt(4), random.nextInt(6) - 1);
    market.send(worker.key(), new Command.CommitResult(id, fence, Digest.ZERO, Digest.ZERO));
  }

  /** Some results are lost: an honest validator says so, and does not average over them. */
  private static boolean isLost(Task task) {
    return task.commitment().filter(made -> made.result().a() % 8 == 0).isPresent();
  }

  private Optional<Task> lost(JobId job) {
    return market.state().tasksOf(job).values().stream().filter(Simulation::isLost).findFirst();
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
        };
    int view = Optional.ofNullable(market.state().facts().get(fact)).map(OpenFact::view).orElse(0);
    market.send(LIAR, new Command.Attest(fact, view, lie));
  }

  private void beat(Address validator, long millis) {
    long slot = market.state().clock().slot();
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
          worker.commit();
        }
      }
      market.batch(BatchPhase.SIGNED).filter(b -> random.nextInt(5) == 0).ifPresent(this::settle);
    }
    assertTrue(done(), () -> "not over: " + market.state().jobs().values());
    market.state().batches().values().forEach(this::withinEscrow);
  }

  private void settle(SealedBatch batch) {
    market.chain().add(new ChainEvent.Settled(batch.batch().id(), batch.digest()));
  }

  private boolean done() {
    return market.state().jobs().values().stream().allMatch(Job::settled)
        && market.state().facts().isEmpty();
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
