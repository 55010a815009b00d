package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
import io.shardex.market.state.Result;
import io.shardex.protocol.job.ShardInputs;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.Uploader;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTrainer;
import io.shardex.training.arithmetic.Lanes;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleConsumer;

/**
 * What a shard's training gives, executed here from public bytes, on a thread of its own, one at a
 * time. The result is stored before it is attested, since it may become the shard's.
 */
public final class DisputeWitness implements Witness<Fact.Dispute>, AutoCloseable {
  private final MarketReplica replica;
  private final BlobGrid grid;
  private final String uploader;
  private final JobLibrary jobs;
  private final DoubleConsumer executed;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shardex-dispute").factory());

  /**
   * A witness for one validator.
   *
   * @param validator whose quota pays for the results it stores
   * @param executed hears of the CPU-seconds of each execution
   */
  public DisputeWitness(
      MarketReplica replica, BlobGrid grid, Address validator, DoubleConsumer executed) {
    this.replica = replica;
    this.grid = grid;
    this.uploader = Uploader.VALIDATOR.named(validator);
    this.jobs = new JobLibrary(grid);
    this.executed = executed;
  }

  private record Disputed(Job job, Result result, Network network) {}

  @Override
  public Statement look(Fact.Dispute fact) throws CannotTell {
    Optional<Disputed> found =
        replica.read(
            state ->
                state
                    .result(fact.audit())
                    .flatMap(
                        result ->
                            state
                                .job(fact.audit().job())
                                .map(job -> new Disputed(job, result, state.network()))));
    Disputed disputed =
        found.orElseThrow(() -> new CannotTell("the result of " + fact.audit() + " is gone"));
    CheckpointIds reached = new CheckpointIds(disputed.result().claim().checkpoints());
    ShardOutcome outcome = execute(disputed, reached);
    return new Statement(fact, value(outcome, reached.ids()));
  }

  private FactValue.Executed value(ShardOutcome outcome, List<Digest> checkpoints)
      throws CannotTell {
    return switch (outcome) {
      case ShardOutcome.Trained trained ->
          new FactValue.Executed(
              Digest.of(trained.root().bytes()),
              store(trained.result().encode()),
              Optional.empty(),
              checkpoints);
      case ShardOutcome.Diverged diverged ->
          new FactValue.Executed(
              Digest.of(diverged.root().bytes()),
              Divergence.shown(diverged.step()),
              Optional.of(diverged.step()),
              checkpoints);
      case ShardOutcome.Cancelled cancelled -> throw new CannotTell("the node stops");
    };
  }

  private Digest store(byte[] result) throws CannotTell {
    try {
      return grid.store(uploader, result);
    } catch (GridFailure e) {
      throw new CannotTell("the executed result cannot be stored: " + e.getMessage(), e);
    }
  }

  private ShardOutcome execute(Disputed disputed, ShardProgress progress) throws CannotTell {
    ShardInputs inputs = jobs.inputs(disputed.job(), disputed.network(), disputed.result());
    Future<ShardOutcome> running = thread.submit(() -> run(inputs, progress));
    try {
      return running.get();
    } catch (InterruptedException e) {
      running.cancel(true);
      Thread.currentThread().interrupt();
      throw new CannotTell("the node stops", e);
    } catch (ExecutionException e) {
      throw new CannotTell("the shard cannot be executed here", e);
    }
  }

  private ShardOutcome run(ShardInputs inputs, ShardProgress progress) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    try (Lanes lanes = Lanes.of(1)) {
      return new ShardTrainer(lanes)
          .train(
              inputs.task(),
              inputs.samples(),
              progress,
              () -> Thread.currentThread().isInterrupted());
    } finally {
      long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      executed.accept(took / 1e9);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
