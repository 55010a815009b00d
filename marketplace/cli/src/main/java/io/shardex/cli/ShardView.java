package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.state.TaskPhase;
import java.util.Optional;

/**
 * A shard of the open round.
 *
 * @param worker who trains or trained it
 * @param step steps its agent says are done, 0 to {@code steps}
 * @param steps 0 while the agent has said nothing
 */
public record ShardView(int shard, TaskPhase phase, Optional<Address> worker, int step, int steps) {
  static ShardView open(int shard) {
    return new ShardView(shard, TaskPhase.OPEN, Optional.empty(), 0, 0);
  }

  ShardView leased(Address by) {
    return new ShardView(shard, TaskPhase.LEASED, Optional.of(by), 0, 0);
  }

  ShardView in(TaskPhase next) {
    return new ShardView(shard, next, worker, step, steps);
  }

  ShardView at(int newStep, int newSteps) {
    return new ShardView(shard, phase, worker, newStep, newSteps);
  }

  /** Share that is done, 0 to 1: training as its agent says, all of it once committed. */
  public double done() {
    return switch (phase) {
      case OPEN, ABANDONED -> 0;
      case LEASED -> steps == 0 ? 0 : (double) step / steps;
      case COMMITTED, DISPUTED, VERIFIED -> 1;
    };
  }
}
