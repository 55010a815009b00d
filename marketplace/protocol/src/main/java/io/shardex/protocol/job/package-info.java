/**
 * The builder's job file, from its YAML to what the market and the training make of it: {@link
 * io.shardex.protocol.job.JobFile} reads it, {@link io.shardex.protocol.job.LocalData} reads the
 * data it names, {@link io.shardex.protocol.job.JobPlan} joins both with the network's rules.
 */
@NullMarked
package io.shardex.protocol.job;

import org.jspecify.annotations.NullMarked;
