/**
 * Training that can be repeated bit for bit: what a worker runs, what an auditor runs again and
 * what a validator aggregates.
 *
 * <p>The flow of one round: {@link io.shardex.training.ShardTrainer} turns the round's model and
 * one shard of the data into a {@link io.shardex.training.model.ShardResult} and a commitment,
 * {@link io.shardex.training.Aggregation} folds all results into the next {@link
 * io.shardex.training.model.RoundModel}. {@link io.shardex.training.PlainTraining} does the same in
 * one thread without a market. The numbers themselves are defined by the arithmetic's specification
 * in {@link io.shardex.training.arithmetic}.
 */
@NullMarked
package io.shardex.training;

import org.jspecify.annotations.NullMarked;
