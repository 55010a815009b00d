package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.ResourceClass;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
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

  /** When a lease runs out. */
  record LeaseEnd(long millis, TaskId task) implements Comparable<LeaseEnd> {
    private static final Comparator<LeaseEnd> ORDER =
        Comparator.comparingLong(LeaseEnd::millis).thenComparing(LeaseEnd::task);

    @Override
    public int compareTo(LeaseEnd other) {
      return ORDER.compare(this, other);
    }
  }

  private final TreeMap<ResourceClass, TreeSet<Waiting>> waiting = new TreeMap<>();
  private final TreeMap<ResourceClass, TreeSet<Idle>> idle = new TreeMap<>();
  private final TreeSet<LeaseEnd> leaseEnds = new TreeSet<>();
  private final TreeMap<JobId, EnumMap<TaskPhase, Integer>> phases = new TreeMap<>();
  private final TreeMap<Address, Integer> workersOf = new TreeMap<>();
  private final TreeMap<Address, Integer> depositsOf = new TreeMap<>();

  NavigableSet<Waiting> waiting(ResourceClass resources) {
    return waiting.computeIfAbsent(resources, name -> new TreeSet<>());
  }

  NavigableSet<Idle> idle(ResourceClass resources) {
    return idle.computeIfAbsent(resources, name -> new TreeSet<>());
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

  int workersOf(Address owner) {
    return workersOf.getOrDefault(owner, 0);
  }

  void countWorker(Address owner) {
    workersOf.merge(owner, 1, Integer::sum);
  }

  void enter(Task task, Job job) {
    phases
        .computeIfAbsent(job.id(), id -> new EnumMap<>(TaskPhase.class))
        .merge(task.phase(), 1, Integer::sum);
    if (task.phase() == TaskPhase.OPEN && job.leases()) {
      waiting(job.terms().resources()).add(new Waiting(job.submitted(), task.id()));
    }
    if (task.phase() == TaskPhase.LEASED) {
      task.lease()
          .ifPresent(lease -> leaseEnds.add(new LeaseEnd(lease.deadlineMillis(), task.id())));
    }
  }

  void leave(Task task, Job job) {
    EnumMap<TaskPhase, Integer> counts = phases.get(job.id());
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

  void enter(Worker worker) {
    idle(worker.resources()).add(idleSlot(worker));
  }

  void leave(Worker worker) {
    idle(worker.resources()).remove(idleSlot(worker));
  }

  private static Idle idleSlot(Worker worker) {
    return new Idle(worker.memoryMiB(), worker.idleSince(), worker.key());
  }
}
