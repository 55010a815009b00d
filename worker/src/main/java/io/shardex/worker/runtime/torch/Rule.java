package io.shardex.worker.runtime.torch;

import ai.djl.ndarray.NDArray;
import io.shardex.training.spec.LocalSpec;
import java.util.List;

/** How a gradient changes a parameter. It keeps nothing itself: what it remembers is in slots. */
interface Rule {
  /**
   * Takes one step.
   *
   * @param step steps taken with this one
   * @param values changed in place
   * @param slots as many as {@link TorchShard#slots} says, of the parameter's shape, zero before
   *     the first step; changed in place
   * @param gradient zero afterwards: libtorch adds each gradient to the one before
   */
  void update(int step, NDArray values, List<NDArray> slots, NDArray gradient);

  /** The rule of a job. */
  static Rule of(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> new Momentum(sgd);
      case LocalSpec.Adam adam -> new CorrectedAdam(adam);
    };
  }

  /** Gradient descent with momentum, as PyTorch has it without dampening. */
  record Momentum(LocalSpec.Sgd sgd) implements Rule {
    @Override
    public void update(int step, NDArray values, List<NDArray> slots, NDArray gradient) {
      NDArray velocity = slots.getFirst();
      var unused1 = velocity.muli(sgd.momentum()).addi(gradient);
      try (NDArray change = velocity.mul(sgd.learningRate())) {
        var unused2 = values.subi(change);
      }
      var unused3 = gradient.muli(0);
    }
  }

  /**
   * Adam as PyTorch and the reference arithmetic have it (Kingma and Ba, 2015, algorithm 1):
   * epsilon is added to the root of the corrected second moment. The binding's own adds it to the
   * uncorrected one, which in the first steps is as if epsilon were up to 30 times larger.
   */
  record CorrectedAdam(LocalSpec.Adam adam) implements Rule {
    @Override
    public void update(int step, NDArray values, List<NDArray> slots, NDArray gradient) {
      NDArray first = slots.get(0);
      NDArray second = slots.get(1);
      try (NDArray part = gradient.mul(1 - adam.beta1());
          NDArray square = gradient.square()) {
        var unused1 = first.muli(adam.beta1()).addi(part);
        var unused2 = second.muli(adam.beta2()).addi(square.muli(1 - adam.beta2()));
      }
      double power1 = StrictMath.pow(adam.beta1(), step);
      double power2 = StrictMath.pow(adam.beta2(), step);
      try (NDArray corrected = second.div(1 - power2);
          NDArray root = corrected.sqrt();
          NDArray change = first.mul(adam.learningRate() / (1 - power1))) {
        var unused3 = values.subi(change.divi(root.addi(adam.epsilon())));
      }
      var unused4 = gradient.muli(0);
    }
  }
}
