package io.shardex.protocol.job;

/** What a job file asks for, by its {@code kind}. */
public sealed interface JobContent permits JobSpec, CommandSpec {
  /** For people: 1 to 64 letters, digits, dots, dashes and underscores. */
  String name();

  /** Parts that run side by side. */
  int shards();

  /** Times all of them are run. */
  int rounds();

  JobSpec.Price price();

  Deadline deadline();
}
