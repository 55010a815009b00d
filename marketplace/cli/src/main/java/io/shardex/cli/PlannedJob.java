package io.shardex.cli;

import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.pricing.Amount;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.LocalCommand;
import io.shardex.protocol.job.LocalData;
import io.shardex.protocol.job.LocalModule;
import io.shardex.protocol.job.Material;
import io.shardex.protocol.job.Plan;
import io.shardex.training.spec.TrainingSpec;
import java.time.Instant;

/** A job that was checked against its data and the network and can be paid for and submitted. */
public final class PlannedJob {
  private final JobId id;
  private final JobFile file;
  private final Material material;
  private final Plan plan;
  private final Submission submission;

  PlannedJob(JobId id, JobFile file, Material material, Plan plan, Submission submission) {
    this.id = id;
    this.file = file;
    this.material = material;
    this.plan = plan;
    this.submission = submission;
  }

  /** The id it has, or will have. */
  public JobId id() {
    return id;
  }

  public JobFile file() {
    return file;
  }

  /** The builder's files. */
  public Material material() {
    return material;
  }

  /** A training job's files; throws {@link IllegalStateException} for another kind. */
  public LocalData data() {
    return switch (material) {
      case LocalData data -> data;
      case LocalModule module -> module.data();
      case LocalCommand command -> throw new IllegalStateException("job " + id + " trains nothing");
    };
  }

  /** What the market is told. */
  public JobTerms terms() {
    return plan.terms();
  }

  /** What the workers train; throws {@link IllegalStateException} for a job of another kind. */
  public TrainingSpec training() {
    if (plan instanceof JobPlan training) {
      return training.training();
    }
    throw new IllegalStateException("job " + id + " trains nothing");
  }

  /** What goes into escrow. */
  public Amount budget() {
    return plan.budget();
  }

  /** The most it can cost when no result is audited, with money for one audit. */
  public Amount leastBudget() {
    return plan.terms().leastBudget();
  }

  /** The most it can cost when every result is audited. */
  public Amount fullBudget() {
    return plan.terms().fullBudget();
  }

  /** From when on the builder alone may take back what is left. */
  public Instant refundAt() {
    return Instant.ofEpochSecond(submission.refundAt());
  }

  /** Whether an earlier submission of this very file was interrupted and goes on now. */
  public boolean resumed() {
    return submission.paying();
  }

  Digest spec() {
    return file.digest();
  }

  Submission submission() {
    return submission;
  }
}
