package io.shardex.protocol.job;

import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Network.ClassTerms;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A command job joined with its inputs and the network's rules: what the market is told. A pure
 * function, so that every validator comes to the same plan.
 *
 * @param budget what the builder puts into escrow
 */
public record CommandPlan(JobTerms terms, Amount budget) implements Plan {
  private static final PartsPerMillion UNAUDITED = new PartsPerMillion(0);

  /**
   * Plans a job that is submitted at {@code submitted}.
   *
   * @throws JobRefused listing what does not fit the network
   */
  public static CommandPlan of(
      CommandSpec spec, CommandInputs inputs, Network network, Instant submitted)
      throws JobRefused {
    return at(spec.deadline().millis(submitted), spec, inputs, network);
  }

  /**
   * Holds submitted terms against the job file, as a validator does: empty when they follow from
   * it, else a bounded sentence in ASCII that is the same on every machine.
   */
  public static Optional<String> refusal(
      JobTerms claimed, CommandSpec spec, CommandInputs inputs, Network network) {
    long deadlineMillis =
        switch (spec.deadline()) {
          case Deadline.After after -> claimed.deadlineMillis();
          case Deadline.At at -> at.time().toEpochMilli();
        };
    try {
      JobTerms computed = at(deadlineMillis, spec, inputs, network).terms;
      return inputs.refusal(spec).or(() -> JobPlan.difference(claimed, computed));
    } catch (JobRefused e) {
      return Optional.of(e.brief());
    }
  }

  private static CommandPlan at(
      long deadlineMillis, CommandSpec spec, CommandInputs inputs, Network network)
      throws JobRefused {
    int most = network.rules().bounds().shards();
    if (spec.shards() > most) {
      throw new JobRefused(
          "spec.shards",
          "expected at most %d, the network's bound, but it is %d".formatted(most, spec.shards()));
    }
    Optional<Problem> tooOften = JobPlan.checkpointProblem(spec.checkpoint(), network.rules());
    if (tooOften.isPresent()) {
      throw new JobRefused(List.of(tooOften.get()));
    }
    ClassTerms machine = JobPlan.machine(spec.accelerator(), network.classes());
    try {
      JobTerms terms =
          new JobTerms(
              spec.name(),
              machine.resources(),
              spec.limits().memoryMiB(),
              spec.shards(),
              spec.rounds(),
              work(machine.workPerHour(), spec.limits().minutes()),
              spec.limits().seconds(),
              UnitPrice.ofHourly(spec.price().maxPerHour(), machine.workPerHour()),
              deadlineMillis,
              UNAUDITED,
              false,
              inputs.digest(),
              execution(spec));
      JobPlan.requirePrice(terms, spec.price());
      // The full budget must be an amount, since it is what the builder signs.
      terms.fullBudget();
      return new CommandPlan(terms, spec.price().budget());
    } catch (ArithmeticException e) {
      throw new JobRefused(
          "spec", "expected a job whose work and cost can be counted, but " + e.getMessage());
    }
  }

  private static Execution execution(CommandSpec spec) {
    Execution once = spec.network() ? Execution.COMMAND_ONLINE : Execution.COMMAND;
    return spec.checkpoint().map(once::saved).orElse(once);
  }

  /** What the class does in so many minutes, rounded up. */
  private static WorkUnits work(WorkUnits perHour, int minutes) {
    return new WorkUnits(Math.ceilDiv(Math.multiplyExact(perHour.count(), minutes), 60));
  }
}
