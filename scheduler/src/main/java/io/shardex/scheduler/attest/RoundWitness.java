package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.Uploader;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.training.Aggregation;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The model a round's results average to, computed here from the results in the grid and stored
 * before it is attested. A result that cannot be used is brought up instead of the model (L1).
 *
 * <p>A round that a job's ending cut short moves the model no further: its results are checked, so
 * that they can be paid, and its base model stands.
 */
public final class RoundWitness implements Witness<Fact.RoundModel> {
  private final MarketReplica replica;
  private final BlobGrid grid;
  private final String uploader;
  private final JobLibrary jobs;
  private final CommittedResults committed;
  private final CommittedOutputs outputs;

  /**
   * A witness for one validator.
   *
   * @param validator whose quota pays for the models it stores
   * @param patience with results that are missing
   */
  public RoundWitness(MarketReplica replica, BlobGrid grid, Address validator, Patience patience) {
    this.replica = replica;
    this.uploader = Uploader.VALIDATOR.named(validator);
    this.grid = grid;
    this.jobs = new JobLibrary(grid);
    this.committed = new CommittedResults(jobs, patience);
    this.outputs = new CommittedOutputs(grid, patience);
  }

  private record Round(Job job, List<Task> committed, Network network) {}

  @Override
  public Statement look(Fact.RoundModel fact) throws CannotTell {
    Round round =
        replica
            .read(state -> round(state, fact))
            .orElseThrow(() -> new CannotTell("round " + fact.round() + " is closed"));
    return round.job().terms().execution().runtime().runsCommands()
        ? outputs(fact, round)
        : model(fact, round);
  }

  private Statement model(Fact.RoundModel fact, Round round) throws CannotTell {
    TrainingSpec spec = jobs.training(round.job(), round.network());
    List<Task> tasks = round.committed().stream().filter(task -> !isDiverged(task)).toList();
    try {
      return new Statement(fact, average(round, spec, committed.read(spec, tasks)));
    } catch (CommittedResults.Flawed flawed) {
      return unusable(flawed);
    }
  }

  /** Of a command, the index of what its instances left, though the job's ending cut some off. */
  private Statement outputs(Fact.RoundModel fact, Round round) throws CannotTell {
    CommandSpec spec = jobs.command(round.job());
    List<OutputIndex.Output> found = new ArrayList<>();
    try {
      for (Task task : round.committed()) {
        found.add(outputs.find(spec, task));
      }
      Digest index = grid.store(uploader, new OutputIndex(found).encoded());
      return new Statement(fact, new FactValue.Averaged(index, 0));
    } catch (CommittedResults.Flawed flawed) {
      return unusable(flawed);
    } catch (GridFailure e) {
      throw new CannotTell("the index of outputs cannot be stored: " + e.getMessage(), e);
    }
  }

  private static Statement unusable(CommittedResults.Flawed flawed) {
    Task task = flawed.task();
    return new Statement(
        new Fact.ResultUnusable(task.id(), task.fence()), new FactValue.Unusable(flawed.flaw()));
  }

  private static Optional<Round> round(MarketState state, Fact.RoundModel fact) {
    List<Task> committed =
        state.shardsOf(fact.job()).stream()
            .filter(task -> task.phase() == TaskPhase.COMMITTED)
            .toList();
    return state
        .job(fact.job())
        .filter(job -> job.round() == fact.round() && !committed.isEmpty())
        .map(job -> new Round(job, committed, state.network()));
  }

  /** A run that diverged shows no blob; its job is ending, and no model is made of the round. */
  private static boolean isDiverged(Task task) {
    return task.commitment().filter(made -> made.divergedAt().isPresent()).isPresent();
  }

  private FactValue average(Round round, TrainingSpec spec, List<ShardResult> results)
      throws CannotTell {
    long lossBits = Double.doubleToRawLongBits(meanLoss(spec, results));
    if (results.size() < spec.shards()) {
      return new FactValue.Averaged(round.job().baseModel(), lossBits);
    }
    RoundModel next = Aggregation.next(spec, base(round.job(), spec), results);
    try {
      Digest model = grid.store(uploader, next.encode());
      return new FactValue.Averaged(model, lossBits);
    } catch (GridFailure e) {
      throw new CannotTell("the round's model cannot be stored: " + e.getMessage(), e);
    }
  }

  private RoundModel base(Job job, TrainingSpec spec) throws CannotTell {
    byte[] blob =
        jobs.load(job.baseModel(), "the round's base model", RoundModel.blobBytes(spec.model()));
    try {
      return RoundModel.decode(blob, spec.model(), job.round() - 1);
    } catch (MalformedBlob e) {
      throw new CannotTell("the attested base model cannot be read", e);
    }
  }

  private static double meanLoss(TrainingSpec spec, List<ShardResult> results) {
    double sum = 0;
    long samples = 0;
    for (ShardResult result : results) {
      sum = sum + result.lossSum();
      samples = samples + result.samples();
    }
    return samples == 0 ? 0 : sum / ((double) samples * spec.local().epochs());
  }
}
