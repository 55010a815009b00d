package io.shardex.protocol.client;

import io.shardex.market.Digest;
import io.shardex.market.JobTerms;
import io.shardex.market.TaskId;
import java.util.Optional;

/**
 * A lease of this agent's worker.
 *
 * @param deadlineMillis market time until which a result must be committed
 * @param nowMillis market time when the node sent it; the clocks of agent and market may differ
 * @param terms of the job; their execution says which runtime the lease is for
 * @param spec blob id of the job file
 * @param data blob id of the description of training data, or of a command's inputs
 * @param baseModel blob id of the model the round starts from; of a command, its inputs again
 * @param started whether the market knows already that training has begun
 * @param checkpoint what the shard may go on from
 */
public record LeaseOffer(
    TaskId task,
    long fence,
    long deadlineMillis,
    long nowMillis,
    JobTerms terms,
    Digest spec,
    Digest data,
    Digest baseModel,
    boolean started,
    Optional<Checkpoint> checkpoint) {
  /** An offer of a shard that nobody has begun. */
  public LeaseOffer(
      TaskId task,
      long fence,
      long deadlineMillis,
      long nowMillis,
      JobTerms terms,
      Digest spec,
      Digest data,
      Digest baseModel,
      boolean started) {
    this(
        task,
        fence,
        deadlineMillis,
        nowMillis,
        terms,
        spec,
        data,
        baseModel,
        started,
        Optional.empty());
  }

  /** Steps that earlier leases of the shard have saved; 0 if there were none. */
  public int savedSteps() {
    return checkpoint.map(Checkpoint::step).orElse(0);
  }

  /** What an earlier lease of the shard saved after {@code step} steps. */
  public record Checkpoint(int step, Digest blob) {}
}
