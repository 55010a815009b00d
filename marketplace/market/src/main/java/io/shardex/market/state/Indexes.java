package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.ResourceClass;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Orderings that follow from the state and make each decision O(log n). They are rebuilt from a
 * snapshot and never part of one.
 */
final class Indexes {
  /** An open shard of a job that leases; oldest job first, then round and shard. */
  record Waiting(Stamp submitted, TaskId task) implements Comparable<Waiting> {
    private static final Comparator<Waiting> ORDER =
        Comparator.comparing(Waiting::submitted).thenComparing(Waiting::task);

    @Override
    public int compareTo(Waiting other) {
      return ORDER.compare(this, other);
    }
  }

  /** A slot that waits for work; least memory first (best fit), then longest idle. */
  record Idle(int memoryMiB, Stamp since, Address worker) implements Comparable<Idle> {
    private static final Comparator<Idle> ORDER =
        Comparator.comparingInt(Idle::memoryMiB)
            .thenComparing(Idle::since)
            .thenComparing(Idle::worker);

    @Override
    public int compareTo(Idle other) {
      return ORDER.compare(this, other);
    }
  }

  /** What a slot is wanted for: a kind of machine, and what runs on it. */
  record Good(ResourceClass resources, RuntimeKind runtime) implements Comparable<Good> {
    private static final Comparator<Good> ORDER =
        Comparator.comparing(Good::resources).thenComparing(Good::runtime);

    @Override
    public int compareTo(Good other) {
      return ORDER.compare(this, other);
    }
  }

  /** When a lease runs out. */
  record LeaseEnd(long millis, TaskId task) implements Comparable<LeaseEnd> {
    private static final Comparator<LeaseEnd> ORDER =
        Comparator.comparingLong(LeaseEnd::millis).thenComparing(LeaseEnd::task);

    @Override
    public int compareTo(LeaseEnd other) {
      return ORDER.compare(this, other);
    }
  }

  /** When both sides of an audit must have revealed. */
  record RevealEnd(long millis, TaskId audit) implements Comparable<RevealEnd> {
    private static final Comparator<RevealEnd> ORDER =
        Comparator.comparingLong(RevealEnd::millis).thenComparing(RevealEnd::audit);

    @Override
    public int compareTo(RevealEnd other) {
      return ORDER.compare(this, other);
    }
  }

  /** A result that waits for a slot's beacon. */
  record Drawing(long slot, TaskId audit) implements Comparable<Drawing> {
    private static final Comparator<Drawing> ORDER =
        Comparator.comparingLong(Drawing::slot).thenComparing(Drawing::audit);

    @Override
    public int compareTo(Drawing other) {
      return ORDER.compare(this, other);
    }
  }

  /** An owner's unaudited, unvested results. */
  record Risk(int results, Amount gross) {
    static final Risk NONE = new Risk(0, Amount.ZERO);
  }

  private final TreeMap<ResourceClass, TreeSet<Waiting>> waiting = new TreeMap<>();
  private final TreeMap<Good, TreeSet<Idle>> idle = new TreeMap<>();
  private final TreeSet<LeaseEnd> leaseEnds = new TreeSet<>();
  private final TreeMap<JobId, EnumMap<TaskPhase, Integer>> phases = new TreeMap<>();
  private final TreeMap<Address, TreeSet<Address>> workersOf = new TreeMap<>();
  private final TreeMap<ResourceClass, TreeMap<Address, NavigableSet<Address>>> auditors =
      new TreeMap<>();
  private final TreeSet<Address> due = new TreeSet<>();
  private final TreeSet<Drawing> drawings = new TreeSet<>();
  private final TreeSet<RevealEnd> revealEnds = new TreeSet<>();
  private final TreeSet<TaskId> openResults = new TreeSet<>();
  private final TreeMap<Address, TreeSet<TaskId>> resultsOf = new TreeMap<>();
  private final TreeMap<Address, Risk> risks = new TreeMap<>();
  private final TreeMap<Address, Integer> depositsOf = new TreeMap<>();

  NavigableSet<Waiting> waiting(ResourceClass resources) {
    return waiting.computeIfAbsent(resources, name -> new TreeSet<>());
  }

  NavigableSet<Idle> idle(ResourceClass resources, RuntimeKind runtime) {
    return idle.computeIfAbsent(new Good(resources, runtime), good -> new TreeSet<>());
  }

  NavigableSet<LeaseEnd> leaseEnds() {
    return Collections.unmodifiableNavigableSet(leaseEnds);
  }

  int count(JobId job, TaskPhase phase) {
    Map<TaskPhase, Integer> counts = phases.get(job);
    return counts == null ? 0 : counts.getOrDefault(phase, 0);
  }

  /** Whether a builder has a deposit here. */
  boolean hasDeposit(Address builder) {
    return depositsOf.containsKey(builder);
  }

  void enter(Deposit deposit) {
    depositsOf.merge(deposit.builder(), 1, Integer::sum);
  }

  void leave(Deposit deposit) {
    depositsOf.computeIfPresent(
        deposit.builder(), (builder, count) -> count == 1 ? null : count - 1);
  }

  NavigableSet<Address> workersOf(Address owner) {
    return workersOf.computeIfAbsent(owner, key -> new TreeSet<>());
  }

  /** Workers that may be drawn for audits and are in the money, by owner. */
  NavigableMap<Address, NavigableSet<Address>> auditors(ResourceClass resources) {
    return auditors.computeIfAbsent(resources, name -> new TreeMap<>());
  }

  /** Workers without a lease that are drawn for an audit. */
  NavigableSet<Address> due() {
    return due;
  }

  /** Results that wait for a beacon, by slot. */
  NavigableSet<Drawing> drawings() {
    return drawings;
  }

  NavigableSet<RevealEnd> revealEnds() {
    return revealEnds;
  }

  /** Results whose evidence is not complete. */
  NavigableSet<TaskId> openResults() {
    return openResults;
  }

  NavigableSet<TaskId> resultsOf(Address owner) {
    return resultsOf.getOrDefault(owner, new TreeSet<>());
  }

  Risk risk(Address owner) {
    return risks.getOrDefault(owner, Risk.NONE);
  }

  void enter(Result result) {
    resultsOf.computeIfAbsent(result.claim().owner(), key -> new TreeSet<>()).add(result.id());
    if (result.phase().isOpen()) {
      openResults.add(result.id());
    }
    switch (result.phase()) {
      case WAITING -> drawings.add(new Drawing(result.audit().slot(), result.id()));
      case SEALED -> revealEnds.add(new RevealEnd(result.audit().revealByMillis(), result.id()));
      case SPARED -> {
        Risk risk = risk(result.claim().owner());
        risks.put(
            result.claim().owner(),
            new Risk(risk.results() + 1, risk.gross().plus(result.claim().gross())));
      }
      case DRAWN, DISPUTED, PROVED, REFUTED, UNPROVEN -> {}
    }
  }

  void leave(Result result) {
    resultsOf.computeIfPresent(
        result.claim().owner(),
        (owner, results) -> {
          results.remove(result.id());
          return results.isEmpty() ? null : results;
        });
    openResults.remove(result.id());
    switch (result.phase()) {
      case WAITING -> drawings.remove(new Drawing(result.audit().slot(), result.id()));
      case SEALED -> revealEnds.remove(new RevealEnd(result.audit().revealByMillis(), result.id()));
      case SPARED -> {
        Risk risk = risk(result.claim().owner());
        Risk left = new Risk(risk.results() - 1, risk.gross().minus(result.claim().gross()));
        if (left.equals(Risk.NONE)) {
          risks.remove(result.claim().owner());
        } else {
          risks.put(result.claim().owner(), left);
        }
      }
      case DRAWN, DISPUTED, PROVED, REFUTED, UNPROVEN -> {}
    }
  }

  void enter(Task task, Job job) {
    if (!task.id().isAudit()) {
      phases
          .computeIfAbsent(job.id(), id -> new EnumMap<>(TaskPhase.class))
          .merge(task.phase(), 1, Integer::sum);
    }
    if (task.phase() == TaskPhase.OPEN && job.leases() && !task.id().isAudit()) {
      waiting(job.terms().resources()).add(new Waiting(job.submitted(), task.id()));
    }
    if (task.phase() == TaskPhase.LEASED) {
      task.lease()
          .ifPresent(lease -> leaseEnds.add(new LeaseEnd(lease.deadlineMillis(), task.id())));
    }
  }

  void leave(Task task, Job job) {
    EnumMap<TaskPhase, Integer> counts = task.id().isAudit() ? null : phases.get(job.id());
    if (counts != null) {
      counts.merge(task.phase(), -1, Integer::sum);
      if (counts.values().stream().allMatch(count -> count == 0)) {
        phases.remove(job.id());
      }
    }
    waiting(job.terms().resources()).remove(new Waiting(job.submitted(), task.id()));
    task.lease()
        .ifPresent(lease -> leaseEnds.remove(new LeaseEnd(lease.deadlineMillis(), task.id())));
  }

  /**
   * Notes a worker.
   *
   * @param wanted whether its ask is at or below the price, and its hardware proven
   */
  void enter(Worker worker, boolean wanted) {
    workersOf(worker.owner()).add(worker.key());
    if (wanted && worker.waits()) {
      worker.runtimes().forEach(kind -> idle(worker.resources(), kind).add(idleSlot(worker)));
    }
    if (wanted && worker.mayAudit()) {
      auditors(worker.resources())
          .computeIfAbsent(worker.owner(), owner -> new TreeSet<>())
          .add(worker.key());
    }
    if (worker.isDue()) {
      due.add(worker.key());
    }
  }

  void leave(Worker worker) {
    worker.runtimes().forEach(kind -> idle(worker.resources(), kind).remove(idleSlot(worker)));
    auditors(worker.resources())
        .computeIfPresent(
            worker.owner(),
            (owner, keys) -> {
              keys.remove(worker.key());
              return keys.isEmpty() ? null : keys;
            });
    due.remove(worker.key());
  }

  /** All that is noted, for comparison; what is empty is not there. */
  @Override
  public String toString() {
    return String.join(
        "\n",
        "waiting " + filled(waiting),
        "idle " + filled(idle),
        "lease ends " + leaseEnds,
        "phases " + counted(),
        "workers " + filled(workersOf),
        "auditors " + auditors.values().stream().filter(map -> !map.isEmpty()).toList(),
        "due " + due,
        "drawings " + drawings,
        "reveal ends " + revealEnds,
        "open results " + openResults,
        "results " + resultsOf,
        "risks " + risks,
        "deposits " + depositsOf);
  }

  private Map<JobId, Map<TaskPhase, Integer>> counted() {
    Map<JobId, Map<TaskPhase, Integer>> counted = new TreeMap<>();
    phases.forEach(
        (job, counts) -> {
          Map<TaskPhase, Integer> some = new EnumMap<>(counts);
          some.values().removeIf(count -> count == 0);
          counted.put(job, some);
        });
    return counted;
  }

  private static <K, V extends Collection<?>> Map<K, V> filled(Map<K, V> sets) {
    Map<K, V> filled = new TreeMap<>(sets);
    filled.values().removeIf(Collection::isEmpty);
    return filled;
  }

  private static Idle idleSlot(Worker worker) {
    return new Idle(worker.memoryMiB(), worker.idleSince(), worker.key());
  }
}
