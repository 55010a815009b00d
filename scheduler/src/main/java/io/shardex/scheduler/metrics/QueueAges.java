package io.shardex.scheduler.metrics;

import io.shardex.market.Fact;
import io.shardex.market.TaskId;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How long the first in each of the market's queues has waited.
 *
 * <p>The state does not say since when a thing waits, so it counts from the first look that saw it:
 * an age is short by at most the time between two looks, and begins anew when the node does. It
 * counts on the node's own clock, which goes on where market time stands still.
 */
final class QueueAges {
  private final InstantSource clock;
  private final Map<Queue, Map<Object, Long>> since = new EnumMap<>(Queue.class);

  /** What may wait. */
  enum Queue {
    /** Shards without a lease, of jobs that lease. */
    SHARDS,
    /** Committed results that wait for the beacon. */
    DRAWS,
    /** Results that wait for their auditor, or for both sides to reveal. */
    AUDITS,
    /** Shards that the validators execute. */
    DISPUTES,
    /** All other questions to the validators. */
    QUESTIONS,
    /** Batches that no final block confirms. */
    BATCHES
  }

  /** One spell of waiting: a task that is leased and comes back begins another. */
  private record Spell(TaskId task, long number) {}

  QueueAges(InstantSource clock) {
    this.clock = clock;
  }

  /** Every queue's age in milliseconds, 0 for an empty one. */
  synchronized Map<Queue, Long> look(MarketState state) {
    long now = clock.millis();
    Map<Queue, Long> ages = new EnumMap<>(Queue.class);
    for (Queue queue : Queue.values()) {
      Map<Object, Long> known = since.computeIfAbsent(queue, unused -> new HashMap<>());
      Set<Object> waiting = waiting(state, queue).collect(Collectors.toSet());
      known.keySet().retainAll(waiting);
      waiting.forEach(each -> known.putIfAbsent(each, now));
      ages.put(queue, now - known.values().stream().mapToLong(Long::longValue).min().orElse(now));
    }
    return ages;
  }

  private static Stream<?> waiting(MarketState state, Queue queue) {
    return switch (queue) {
      case SHARDS ->
          state.jobs().values().stream()
              .filter(job -> job.leases() && state.count(job.id(), TaskPhase.OPEN) > 0)
              .flatMap(job -> state.shardsOf(job.id()).stream())
              .filter(task -> task.phase() == TaskPhase.OPEN)
              .map(QueueAges::spell);
      case DRAWS ->
          results(state, Set.of(ResultPhase.WAITING))
              .map(result -> new Spell(result.id(), result.audit().slot()));
      case AUDITS ->
          results(state, Set.of(ResultPhase.DRAWN, ResultPhase.SEALED))
              .map(result -> new Spell(result.id(), result.audit().draws()));
      case DISPUTES -> state.facts().keySet().stream().filter(QueueAges::isDispute);
      case QUESTIONS -> state.facts().keySet().stream().filter(fact -> !isDispute(fact));
      case BATCHES ->
          state.batches().values().stream().filter(QueueAges::isOnItsWay).map(b -> b.batch().id());
    };
  }

  private static Spell spell(Task task) {
    return new Spell(task.id(), task.fence());
  }

  private static Stream<Result> results(MarketState state, Set<ResultPhase> phases) {
    return state.results().values().stream().filter(result -> phases.contains(result.phase()));
  }

  private static boolean isDispute(Fact fact) {
    return fact instanceof Fact.Dispute;
  }

  private static boolean isOnItsWay(SealedBatch batch) {
    return batch.phase() == BatchPhase.SEALED || batch.phase() == BatchPhase.SIGNED;
  }
}
