package io.shardex.worker.runtime.torch;

import io.shardex.training.model.Parameters;

/**
 * A shard on its way: all that libtorch goes on from. What it draws follows from the step, and
 * buffers are not part of it: they begin as the module has them.
 *
 * @param step steps taken, 1 or more, less than all
 * @param lossSum loss summed over all labels so far
 * @param values the parameters in the order of the shard's tensors, then each of the optimiser's
 *     slots for all of them in that order: {@link TorchShard#stateCount} numbers
 */
public record TorchState(int step, double lossSum, Parameters values) {
  /** Whether no number of it is NaN or infinite. */
  boolean finite() {
    return Double.isFinite(lossSum) && values.finite();
  }
}
