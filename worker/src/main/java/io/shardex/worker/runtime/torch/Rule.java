package io.shardex.worker.runtime.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.shardex.training.spec.LocalSpec;
import java.util.HashMap;
import java.util.Map;

/** How a gradient changes a parameter. */
interface Rule {
  /**
   * Takes one step.
   *
   * @param name of the parameter, by which its slots are kept
   * @param values changed in place
   */
  void update(String name, NDArray values, NDArray gradient);

  /** The rule of a job, with all slots at zero. */
  static Rule of(LocalSpec local, NDManager slots) {
    return switch (local) {
      case LocalSpec.Sgd sgd ->
          Optimizer.sgd()
                  .setLearningRateTracker(Tracker.fixed(sgd.learningRate()))
                  .optMomentum(sgd.momentum())
                  .build()
              ::update;
      case LocalSpec.Adam adam -> new CorrectedAdam(adam, slots);
    };
  }

  /**
   * Adam as PyTorch and the reference arithmetic have it (Kingma and Ba, 2015, algorithm 1):
   * epsilon is added to the root of the corrected second moment. The binding's own adds it to the
   * uncorrected one, which in the first steps is as if epsilon were up to 30 times larger.
   */
  final class CorrectedAdam implements Rule {
    private final LocalSpec.Adam adam;
    private final NDManager manager;
    private final Map<String, Slots> slots = new HashMap<>();

    CorrectedAdam(LocalSpec.Adam adam, NDManager manager) {
      this.adam = adam;
      this.manager = manager;
    }

    /** Moments of one parameter, and beta1 and beta2 to the power of its steps. */
    private static final class Slots {
      final NDArray first;
      final NDArray second;
      double power1 = 1;
      double power2 = 1;

      Slots(NDManager manager, NDArray values) {
        this.first = manager.zeros(values.getShape());
        this.second = manager.zeros(values.getShape());
      }
    }

    @Override
    public void update(String name, NDArray values, NDArray gradient) {
      Slots slot = slots.computeIfAbsent(name, added -> new Slots(manager, values));
      slot.power1 *= adam.beta1();
      slot.power2 *= adam.beta2();
      try (NDArray part = gradient.mul(1 - adam.beta1());
          NDArray square = gradient.square()) {
        var unused1 = slot.first.muli(adam.beta1()).addi(part);
        var unused2 = slot.second.muli(adam.beta2()).addi(square.muli(1 - adam.beta2()));
      }
      try (NDArray corrected = slot.second.div(1 - slot.power2);
          NDArray root = corrected.sqrt();
          NDArray step = slot.first.mul(adam.learningRate() / (1 - slot.power1))) {
        var unused = values.subi(step.divi(root.addi(adam.epsilon())));
      }
      // libtorch adds each gradient to the one before; the binding's own rules end like this, too.
      var unused = gradient.muli(0);
    }
  }
}
