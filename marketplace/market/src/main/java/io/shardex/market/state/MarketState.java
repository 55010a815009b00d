package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.Inputs;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account.Kind;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything the market knows. Records are immutable; maps are ordered; only {@link Evolution}
 * changes them. Not thread-safe: the thread that applies the log owns it.
 */
public final class MarketState {
  Optional<Network> network = Optional.empty();
  Clock clock = new Clock(0, 0, 0, 0);
  ChainView chain = new ChainView(0, 0);
  Receipts receipts = Receipts.NONE;
  long index = -1;
  Digest hash = Digest.ZERO;
  long nextBatch = 1;
  final TreeMap<Address, Seat> seats = new TreeMap<>();
  final TreeMap<Long, Draw> draws = new TreeMap<>();
  final TreeMap<TaskId, Result> results = new TreeMap<>();
  final TreeMap<Address, Standing> standings = new TreeMap<>();
  final TreeSet<Address> unsettled = new TreeSet<>();
  final TreeMap<Address, ValidatorTick> ticks = new TreeMap<>();
  final TreeMap<Address, NonceWindow> nonces = new TreeMap<>();
  final TreeMap<JobId, Deposit> deposits = new TreeMap<>();
  final TreeMap<JobId, Job> jobs = new TreeMap<>();
  final TreeMap<TaskId, Task> tasks = new TreeMap<>();
  final TreeMap<Address, Worker> workers = new TreeMap<>();
  final TreeMap<Address, LiveChallenge> challenges = new TreeMap<>();
  final TreeMap<Address, Proof> proofs = new TreeMap<>();
  final TreeMap<ResourceClass, ClassPrice> prices = new TreeMap<>();
  final TreeMap<Fact, OpenFact> facts = new TreeMap<>();
  final TreeMap<Long, SealedBatch> batches = new TreeMap<>();
  Ledger ledger = new Ledger();
  final Indexes indexes = new Indexes();

  // Reading.

  public boolean isBorn() {
    return network.isPresent();
  }

  /** The network; throws {@link IllegalStateException} before the first entry. */
  public Network network() {
    return network.orElseThrow(() -> new IllegalStateException("the network is not born yet"));
  }

  public Rules rules() {
    return network().rules();
  }

  public Clock clock() {
    return clock;
  }

  public ChainView chain() {
    return chain;
  }

  public Receipts receipts() {
    return receipts;
  }

  /** Index of the last applied entry, -1 before the first. */
  public long index() {
    return index;
  }

  /** The running hash over every (index, command, outcome) so far. */
  public Digest hash() {
    return hash;
  }

  public Ledger ledger() {
    return ledger;
  }

  public long nextBatch() {
    return nextBatch;
  }

  public NavigableMap<Address, ValidatorTick> ticks() {
    return Collections.unmodifiableNavigableMap(ticks);
  }

  public NavigableMap<JobId, Deposit> deposits() {
    return Collections.unmodifiableNavigableMap(deposits);
  }

  public NavigableMap<JobId, Job> jobs() {
    return Collections.unmodifiableNavigableMap(jobs);
  }

  public NavigableMap<TaskId, Task> tasks() {
    return Collections.unmodifiableNavigableMap(tasks);
  }

  /** The shards of a job's open round. */
  public List<Task> shardsOf(JobId job) {
    return tasksOf(job).values().stream().filter(task -> !task.id().isAudit()).toList();
  }

  /** The tasks of a job: its open round's shards, and the audits that are not over. */
  public NavigableMap<TaskId, Task> tasksOf(JobId job) {
    return Collections.unmodifiableNavigableMap(
        tasks.subMap(firstTask(job), true, lastTask(job), true));
  }

  private static TaskId firstTask(JobId job) {
    return new TaskId(job, 0, 0, 0);
  }

  private static TaskId lastTask(JobId job) {
    return new TaskId(job, Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /** The question after the model of a job's open round, as its shards' results stand now. */
  public Fact.RoundModel roundModel(Job job) {
    long fences = shardsOf(job.id()).stream().mapToLong(MarketState::twiceTheFence).sum();
    return new Fact.RoundModel(job.id(), job.round(), fences);
  }

  private static long twiceTheFence(Task task) {
    boolean replaced = task.commitment().filter(Task.Commitment::isReplaced).isPresent();
    return 2 * task.fence() + (replaced ? 1 : 0);
  }

  /** What the holder of a task's lease must execute it from, if it begins at the start. */
  public Digest inputs(Task task) {
    Job job = jobOf(task);
    return Inputs.of(job.deposit().spec(), job.terms().data(), base(task));
  }

  /** The same if it goes on from a checkpoint. */
  public Digest inputs(Task task, Checkpoint from) {
    Job job = jobOf(task);
    return Inputs.of(job.deposit().spec(), job.terms().data(), base(task), from.blob());
  }

  /** What a lease of the task takes into hold: the cost of what is not paid yet, and an audit's. */
  public Amount hold(Task task) {
    JobTerms terms = jobOf(task).terms();
    return terms.hold(terms.instalments(task.savedSteps(), workPerHour(terms)));
  }

  /** The rate of the class that a job runs on. */
  public WorkUnits workPerHour(JobTerms terms) {
    return network()
        .terms(terms.resources())
        .orElseThrow(() -> new IllegalStateException("no class " + terms.resources()))
        .workPerHour();
  }

  private Digest base(Task task) {
    return result(task.id())
        .map(result -> result.claim().base())
        .orElseGet(() -> jobOf(task).baseModel());
  }

  /** The validators' seats in the beacon, by key. */
  public NavigableMap<Address, Seat> seats() {
    return Collections.unmodifiableNavigableMap(seats);
  }

  /** The slots whose beacon something waits for. */
  public NavigableMap<Long, Draw> draws() {
    return Collections.unmodifiableNavigableMap(draws);
  }

  /** Every committed result whose pay has not vested, by the id of its audit. */
  public NavigableMap<TaskId, Result> results() {
    return Collections.unmodifiableNavigableMap(results);
  }

  public NavigableMap<TaskId, Result> resultsOf(JobId job) {
    return Collections.unmodifiableNavigableMap(
        results.subMap(firstTask(job), true, lastTask(job), true));
  }

  public List<Result> resultsOf(Address owner) {
    return indexes.resultsOf(owner).stream().map(results::get).toList();
  }

  /** The result committed under a task's latest lease. */
  public Optional<Result> resultOf(Task task) {
    return Optional.ofNullable(results.get(task.id().audit(Math.max(1, task.fence()))));
  }

  public Optional<Result> result(TaskId audit) {
    return Optional.ofNullable(results.get(audit));
  }

  /** Whether nothing was committed for the result's shard after it: rounds may be trained again. */
  public boolean isLatestOfItsShard(TaskId result) {
    return result.equals(results.lowerKey(result.training().audit(Long.MAX_VALUE)));
  }

  /** Whether a result of the job waits for evidence. */
  public boolean hasOpenResults(JobId job) {
    return !indexes.openResults().subSet(firstTask(job), true, lastTask(job), true).isEmpty();
  }

  /** Whether a result of one of the job's rounds waits for evidence. */
  public boolean hasOpenResults(JobId job, int round) {
    return !indexes
        .openResults()
        .subSet(new TaskId(job, round, 0, 0), new TaskId(job, round + 1, 0, 0))
        .isEmpty();
  }

  public Standing standing(Address owner) {
    return standings.getOrDefault(owner, Standing.NEW);
  }

  /** Owners with a slash or a compensation that the chain has not confirmed. */
  public NavigableSet<Address> unsettled() {
    return Collections.unmodifiableNavigableSet(unsettled);
  }

  public NavigableMap<Address, Worker> workers() {
    return Collections.unmodifiableNavigableMap(workers);
  }

  /** The challenges that workers have not passed or failed yet. */
  public NavigableMap<Address, LiveChallenge> challenges() {
    return Collections.unmodifiableNavigableMap(challenges);
  }

  public Optional<LiveChallenge> challenge(Address worker) {
    return Optional.ofNullable(challenges.get(worker));
  }

  /** What each worker's last challenge showed. */
  public NavigableMap<Address, Proof> proofs() {
    return Collections.unmodifiableNavigableMap(proofs);
  }

  /** What a worker's last challenge showed; empty before it was judged. */
  public Optional<Proof> proof(Address worker) {
    return Optional.ofNullable(proofs.get(worker));
  }

  /** Whether a worker may be leased anything, as far as its hardware is concerned. */
  public boolean isProven(Worker worker) {
    return Proof.isEnough(rules().proofs(), worker, proof(worker.key()));
  }

  public NavigableMap<ResourceClass, ClassPrice> prices() {
    return Collections.unmodifiableNavigableMap(prices);
  }

  public NavigableMap<Fact, OpenFact> facts() {
    return Collections.unmodifiableNavigableMap(facts);
  }

  public NavigableMap<Long, SealedBatch> batches() {
    return Collections.unmodifiableNavigableMap(batches);
  }

  public Optional<Job> job(JobId id) {
    return Optional.ofNullable(jobs.get(id));
  }

  public Optional<Task> task(TaskId id) {
    return Optional.ofNullable(tasks.get(id));
  }

  public Optional<Worker> worker(Address key) {
    return Optional.ofNullable(workers.get(key));
  }

  public NonceWindow nonces(Address signer) {
    return nonces.getOrDefault(signer, NonceWindow.FRESH);
  }

  public Amount bonded(Address owner) {
    return ledger.balance(Account.of(Kind.BONDED, owner));
  }

  public int workersOf(Address owner) {
    return indexes.workersOf(owner).size();
  }

  /** The keys of an owner's workers, ascending. */
  public List<Address> workerKeysOf(Address owner) {
    return List.copyOf(indexes.workersOf(owner));
  }

  /** How many unaudited results of an owner have not vested. */
  public int unauditedResults(Address owner) {
    return indexes.risk(owner).results();
  }

  /** What they are worth. */
  public Amount unauditedValue(Address owner) {
    return indexes.risk(owner).gross();
  }

  /** Workers of a class that may be drawn for audits and are in the money, by owner. */
  public NavigableMap<Address, List<Address>> auditors(ResourceClass resources) {
    TreeMap<Address, List<Address>> found = new TreeMap<>();
    indexes.auditors(resources).forEach((owner, keys) -> found.put(owner, List.copyOf(keys)));
    return found;
  }

  /** The first worker without a lease that is drawn for an audit. */
  public Optional<Address> nextDue() {
    return indexes.due().stream().findFirst();
  }

  /** The results that wait for a slot's beacon. */
  public List<TaskId> waitingFor(long slot) {
    return indexes
        .drawings()
        .subSet(new Indexes.Drawing(slot, FIRST_TASK), new Indexes.Drawing(slot + 1, FIRST_TASK))
        .stream()
        .map(Indexes.Drawing::audit)
        .toList();
  }

  private static final TaskId FIRST_TASK = firstTask(new JobId(Digest.ZERO));

  /** The audit whose time to reveal is over first, if that is at or before {@code millis}. */
  public Optional<TaskId> nextUnrevealed(long millis) {
    return indexes.revealEnds().stream()
        .findFirst()
        .filter(end -> end.millis() <= millis)
        .map(Indexes.RevealEnd::audit);
  }

  /** The seals that both sides of an audit are to open now, by audit. */
  public List<TaskId> revealing() {
    return indexes.revealEnds().stream().map(Indexes.RevealEnd::audit).toList();
  }

  public int count(JobId job, TaskPhase phase) {
    return indexes.count(job, phase);
  }

  /** The gross price of a class in this epoch; empty for a class the network does not have. */
  public Optional<UnitPrice> price(ResourceClass resources) {
    return Optional.ofNullable(prices.get(resources)).map(ClassPrice::price);
  }

  /** Whether a key may write to the log at all: it has money or a role here. */
  public boolean knows(Address key) {
    return workers.containsKey(key)
        || ticks.containsKey(key)
        || !bonded(key).isZero()
        || indexes.hasDeposit(key);
  }

  /**
   * Whether anything waits for the next slot, so that beats should come at full pace: a question to
   * the validators, a draw, an answer to a challenge, whose time is taken, an audit to be revealed,
   * or money to be sealed and confirmed. Training does not.
   */
  public boolean waits() {
    return !facts.isEmpty()
        || !draws.isEmpty()
        || challenges.values().stream().anyMatch(LiveChallenge::awaitsAnswer)
        || !indexes.revealEnds().isEmpty()
        || !unsettled.isEmpty()
        || jobs.values().stream().anyMatch(job -> job.phase().ended() && !job.settled());
  }

  // What decisions look up.

  /** The first open shard of the oldest job that leases. */
  public Optional<TaskId> firstWaiting(ResourceClass resources) {
    return indexes.waiting(resources).stream().findFirst().map(Indexes.Waiting::task);
  }

  /** The open shard that comes after one of this job's, of the same job or the next. */
  public Optional<TaskId> waitingAfter(Job job, TaskId task) {
    return Optional.ofNullable(
            indexes
                .waiting(job.terms().resources())
                .higher(new Indexes.Waiting(job.submitted(), task)))
        .map(Indexes.Waiting::task);
  }

  /** The first open shard of the next job after this one. */
  public Optional<TaskId> waitingAfter(Job job) {
    return waitingAfter(job, lastTask(job.id()));
  }

  /**
   * The best fitting slot in the money for a job's shard: it offers the runtime and has the least
   * memory that suffices; the longest idle of several.
   */
  public Optional<Address> bestSlot(JobTerms terms) {
    Indexes.Idle from = new Indexes.Idle(terms.memoryMiB(), FIRST, Address.ZERO);
    return Optional.ofNullable(
            indexes.idle(terms.resources(), terms.execution().runtime()).ceiling(from))
        .map(Indexes.Idle::worker);
  }

  /** Whether any slot of the class is free and in the money. */
  public boolean hasIdle(ResourceClass resources) {
    return Stream.of(RuntimeKind.values())
        .anyMatch(runtime -> !indexes.idle(resources, runtime).isEmpty());
  }

  /** The task whose lease runs out first, if that is at or before {@code millis}. */
  public Optional<TaskId> nextExpired(long millis) {
    return indexes.leaseEnds().stream()
        .findFirst()
        .filter(end -> end.millis() <= millis)
        .map(Indexes.LeaseEnd::task);
  }

  private static final Stamp FIRST = new Stamp(-1, -1);

  // Changing, for Evolution and for snapshots.

  void put(Task task) {
    Job job = jobOf(task);
    Task before = tasks.put(task.id(), task);
    if (before != null) {
      indexes.leave(before, job);
    }
    indexes.enter(task, job);
  }

  void remove(Task task) {
    tasks.remove(task.id());
    indexes.leave(task, jobOf(task));
  }

  void put(Job job) {
    Job before = jobs.put(job.id(), job);
    if (before != null && before.leases() != job.leases()) {
      for (Task task : shardsOf(job.id())) {
        indexes.leave(task, job);
        indexes.enter(task, job);
      }
    }
  }

  /** Notes a job's deposit; the first one says whose it is. */
  void put(JobId job, Deposit deposit) {
    if (deposits.putIfAbsent(job, deposit) == null) {
      indexes.enter(deposit);
    }
  }

  void removeDeposit(JobId job) {
    Deposit gone = deposits.remove(job);
    if (gone != null) {
      indexes.leave(gone);
      if (!knows(gone.builder())) {
        // Its commands expired long ago, so none of them can come again.
        nonces.remove(gone.builder());
      }
    }
  }

  void put(Worker worker) {
    Worker before = workers.put(worker.key(), worker);
    if (before != null) {
      indexes.leave(before);
    }
    indexes.enter(worker, isWanted(worker));
  }

  void put(Result result) {
    Result before = results.put(result.id(), result);
    if (before != null) {
      indexes.leave(before);
    }
    indexes.enter(result);
  }

  void remove(Result result) {
    results.remove(result.id());
    indexes.leave(result);
  }

  void put(ResourceClass resources, ClassPrice price) {
    prices.put(resources, price);
    for (Worker worker : workers.values()) {
      if (worker.resources().equals(resources)) {
        put(worker);
      }
    }
  }

  /**
   * A copy for a snapshot: the same immutable records under maps of its own. It has no indexes, so
   * nothing can be decided on it.
   */
  public MarketState copy() {
    MarketState copy = new MarketState();
    copy.network = network;
    copy.clock = clock;
    copy.chain = chain;
    copy.receipts = receipts;
    copy.index = index;
    copy.hash = hash;
    copy.nextBatch = nextBatch;
    copy.seats.putAll(seats);
    copy.draws.putAll(draws);
    copy.results.putAll(results);
    copy.standings.putAll(standings);
    copy.unsettled.addAll(unsettled);
    copy.ticks.putAll(ticks);
    copy.nonces.putAll(nonces);
    copy.deposits.putAll(deposits);
    copy.jobs.putAll(jobs);
    copy.tasks.putAll(tasks);
    copy.workers.putAll(workers);
    copy.challenges.putAll(challenges);
    copy.proofs.putAll(proofs);
    copy.prices.putAll(prices);
    copy.facts.putAll(facts);
    copy.batches.putAll(batches);
    copy.ledger = new Ledger(ledger.balances());
    return copy;
  }

  /** Fills the indexes after the maps were read from a snapshot. */
  void rebuildIndexes() {
    deposits.values().forEach(indexes::enter);
    workers.values().forEach(worker -> indexes.enter(worker, isWanted(worker)));
    results.values().forEach(indexes::enter);
    tasks.values().forEach(task -> indexes.enter(task, jobOf(task)));
  }

  private boolean isWanted(Worker worker) {
    return inTheMoney(worker) && isProven(worker);
  }

  private boolean inTheMoney(Worker worker) {
    return worker.ask().isPresent()
        && price(worker.resources())
            .filter(price -> reserveOf(worker).compareTo(price.less(rules().money().fee())) <= 0)
            .isPresent();
  }

  private static UnitPrice reserveOf(Worker worker) {
    return worker.ask().orElseThrow();
  }

  private Job jobOf(Task task) {
    return job(task.id().job())
        .orElseThrow(() -> new IllegalStateException("task " + task.id() + " has no job"));
  }
}
