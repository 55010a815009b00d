package io.shardex.market.earnings;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.TaskId;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whose earnings an event tells of: owners of workers, and validators that executed a shard. */
public final class PayeesOf {
  private PayeesOf() {}

  /**
   * The addresses whose {@link Earnings} change or wait with this event.
   *
   * @param after the state right after the command that caused it
   */
  public static Set<Address> of(Event event, MarketState after) {
    return switch (event) {
      case Event.LeaseGranted e -> Set.of(e.owner());
      case Event.ResultCommitted e -> holder(e.task(), after);
      case Event.DivergenceCommitted e -> holder(e.task(), after);
      case Event.AuditSealed e -> holder(e.audit(), after);
      case Event.LeaseFailed e -> ownerOf(e.worker(), after);
      case Event.ShardVerified e -> Set.of(e.owner());
      case Event.InstalmentPaid e -> Set.of(e.owner());
      case Event.AuditPaid e -> Set.of(e.owner());
      case Event.AuditMissed e -> Set.of(e.owner());
      case Event.PayReversed e -> Set.of(e.owner());
      case Event.LieProved e -> Set.of(e.owner());
      case Event.StakeSlashed e -> Set.of(e.owner());
      case Event.Compensated e -> both(e.owner(), e.beneficiary());
      case Event.ExecutionPaid e -> Set.of(e.validator());
      case Event.JobSettled e -> Set.copyOf(after.ledger().paidBy(e.job()).keySet());
      default -> Set.of();
    };
  }

  private static Set<Address> both(Address a, Address b) {
    return Collections.unmodifiableSet(new TreeSet<>(Stream.of(a, b).toList()));
  }

  /** Who has the lease of the task, or had it until this command. */
  private static Set<Address> holder(TaskId id, MarketState after) {
    Optional<Address> owner = after.task(id).flatMap(Task::lease).map(Task.Lease::owner);
    return owner.map(Set::of).orElse(Set.of());
  }

  private static Set<Address> ownerOf(Address worker, MarketState after) {
    return after.worker(worker).map(Worker::owner).map(Set::of).orElse(Set.of());
  }
}
