package io.shardex.cli;

import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.pricing.Amount;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.LocalData;
import io.shardex.training.spec.TrainingSpec;
import java.time.Instant;

/** A job that was checked against its data and the network and can be paid for and submitted. */
public final class PlannedJob {
  private final JobId id;
  private final JobFile file;
  private final LocalData data;
  private final JobPlan plan;
  private final Submission submission;

  PlannedJob(JobId id, JobFile file, LocalData data, JobPlan plan, Submission submission) {
    this.id = id;
    this.file = file;
    this.data = data;
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
  public LocalData data() {
    return data;
  }

  /** What the market is told. */
  public JobTerms terms() {
    return plan.terms();
  }

  /** What the workers train. */
  public TrainingSpec training() {
    return plan.training();
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
