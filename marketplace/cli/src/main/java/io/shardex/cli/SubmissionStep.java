package io.shardex.cli;

import io.shardex.market.JobId;
import io.shardex.pricing.Amount;

/** How far a submission has come. */
public sealed interface SubmissionStep {
  /** The deposit of an interrupted submission is looked for before another is made. */
  record LookingForDeposit(JobId job) implements SubmissionStep {}

  /** The budget is on its way into the escrow. */
  record Paying(JobId job, Amount budget) implements SubmissionStep {}

  /** A block holds the deposit. */
  record Paid(JobId job, String transaction) implements SubmissionStep {}

  /** The market waits for the block to become final. */
  record Confirming(JobId job) implements SubmissionStep {}

  /** An upload goes on. */
  record Uploading(String what, long doneBytes, long totalBytes) implements SubmissionStep {}

  /** The market has the job. */
  record Submitted(JobId job) implements SubmissionStep {}
}
