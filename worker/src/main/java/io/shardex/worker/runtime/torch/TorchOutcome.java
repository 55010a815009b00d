package io.shardex.worker.runtime.torch;

import io.shardex.training.model.Parameters;

/** How a shard's training by libtorch ended. */
public sealed interface TorchOutcome {
  /**
   * All steps were taken.
   *
   * @param parameters finite, in the order of the shard's tensors
   * @param steps of all local epochs
   * @param lossSum loss summed over all labels of all local epochs, each at the weights of its step
   */
  record Trained(Parameters parameters, int steps, double lossSum) implements TorchOutcome {}

  /**
   * Loss or parameters left the finite numbers.
   *
   * @param step steps taken, the diverging one included; 1 or more
   */
  record Diverged(int step) implements TorchOutcome {}

  /** The caller asked to stop. */
  record Cancelled() implements TorchOutcome {}

  /**
   * There is no result.
   *
   * @param reason for people, on one line
   */
  record Failed(Fault fault, String reason) implements TorchOutcome {}

  /** Whose doing a failure is. */
  enum Fault {
    /** The builder's module or what was said of it: another worker would fail, too. */
    MODEL,
    /** This machine or its installation of libtorch. */
    HOST
  }
}
