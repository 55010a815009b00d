package io.shardex.scheduler.attest;

import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
import io.shardex.market.state.Task;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.replica.MarketReplica;
import java.util.Optional;

/** Whether a result that a fellow validator calls unusable is. Says nothing of one that is fine. */
public final class ResultWitness implements Witness<Fact.ResultUnusable> {
  private final MarketReplica replica;
  private final JobLibrary jobs;
  private final CommittedResults results;
  private final CommittedOutputs outputs;

  public ResultWitness(MarketReplica replica, BlobGrid grid, Patience patience) {
    this.replica = replica;
    this.jobs = new JobLibrary(grid);
    this.results = new CommittedResults(jobs, patience);
    this.outputs = new CommittedOutputs(grid, patience);
  }

  private void look(Committed committed) throws CannotTell, CommittedResults.Flawed {
    if (committed.job().terms().execution().runtime().runsCommands()) {
      outputs.find(jobs.command(committed.job()), committed.task());
    } else {
      results.read(jobs.training(committed.job(), committed.network()), committed.task());
    }
  }

  private record Committed(Job job, Task task, Network network) {}

  @Override
  public Statement look(Fact.ResultUnusable fact) throws CannotTell {
    Optional<Committed> found =
        replica.read(
            state ->
                state
                    .task(fact.task())
                    .filter(task -> task.fence() == fact.fence() && task.commitment().isPresent())
                    .flatMap(
                        task ->
                            state
                                .job(fact.task().job())
                                .map(job -> new Committed(job, task, state.network()))));
    Committed committed =
        found.orElseThrow(() -> new CannotTell(fact.task() + " is not committed any more"));
    try {
      look(committed);
    } catch (CommittedResults.Flawed flawed) {
      return new Statement(fact, new FactValue.Unusable(flawed.flaw()));
    }
    throw new CannotTell("the result of " + fact.task() + " is fine");
  }
}
