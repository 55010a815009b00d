package io.shardex.market.decide;

import io.shardex.market.ChainEvent;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.ValidatorTick;
import java.util.Comparator;
import java.util.List;

/** Reading the chain: which blocks to ask for, and what follows from what was seen in them. */
final class ChainDecisions {
  private ChainDecisions() {}

  /** Asks for the blocks that k validators hold for final, in ranges of a bounded length. */
  static void askForMore(Step step) {
    long known = step.state().chain().block();
    long unknown = Math.max(0, finalBlock(step) - known);
    long last = known + Math.min(unknown, step.rules().bounds().rangeBlocks());
    boolean asking =
        step.state().facts().keySet().stream().anyMatch(Fact.ChainRange.class::isInstance);
    if (last > known && !asking) {
      FactDecisions.open(step, new Fact.ChainRange(known + 1, last));
    }
  }

  /** The highest block that at least k validators say is final. */
  private static long finalBlock(Step step) {
    List<Long> blocks =
        step.state().ticks().values().stream()
            .map(ValidatorTick::finalBlock)
            .sorted(Comparator.reverseOrder())
            .toList();
    return blocks.get(step.state().network().threshold() - 1);
  }

  static void advance(Step step, FactValue.ChainPage page) {
    step.emit(new Event.ChainAdvanced(page.to(), page.toMillis()));
    for (ChainEvent seen : page.events()) {
      step.emit(new Event.ChainSaw(seen));
      follow(step, seen);
    }
    askForMore(step);
  }

  private static void follow(Step step, ChainEvent seen) {
    switch (seen) {
      case ChainEvent.Settled settled ->
          BatchDecisions.confirm(step, settled.batch(), settled.digest());
      case ChainEvent.UnstakeRequested asked -> WorkerDecisions.stakeFell(step, asked.owner());
      case ChainEvent.Reclaimed reclaimed -> reclaimed(step, reclaimed.job());
      case ChainEvent.Deposited deposited -> {}
      case ChainEvent.Staked staked -> {}
      case ChainEvent.Unstaked taken -> {}
      case ChainEvent.Shortfall shortfall -> {}
    }
  }

  private static void reclaimed(Step step, JobId job) {
    if (step.state().job(job).filter(found -> !found.phase().ended()).isPresent()) {
      JobDecisions.startEnding(
          step,
          job,
          JobPhase.FAILED,
          new Ending(Ending.Cause.RECLAIMED, "the escrow was taken back after its refund time"));
    }
  }
}
