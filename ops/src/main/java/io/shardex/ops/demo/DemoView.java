package io.shardex.ops.demo;

import io.shardex.cli.JobView;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Address;
import io.shardex.pricing.WorkUnits;
import java.util.Map;

/** Who watches a demo. Steps may be told by several threads. */
interface DemoView {
  /** Work that takes time begins, or something was done. */
  void note(String what);

  /** The network takes commands, so long after the launcher's start. */
  void ready(double seconds);

  /**
   * The job can be paid for.
   *
   * @param workPerHour what a slot of its class does in an hour
   * @param workers names of those who may train it
   */
  void planned(PlannedJob job, WorkUnits workPerHour, Map<Address, String> workers);

  void submission(SubmissionStep step);

  /** The job as it is now. */
  void job(JobView job);

  /** Something happened to a result on its way to be paid. */
  void audit(AuditStep step);

  /** All is done and paid. */
  void done(DemoResult result);

  /** The plain training that the report compares with goes on. */
  void plain(int roundsDone, int rounds);

  /** The marketplace's cost beside that of the same training alone. */
  void compared(DemoResult result, PlainRun plain);

  /** Nothing more will be told. */
  void end();
}
