package io.shardex.training;

import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import java.util.List;

/**
 * The work of a shard in work units (WU) of 10^6 reference operations: a pure function of model,
 * batch size and samples, without credit for zeros.
 *
 * <p>A product and a sum count one operation each. For a perceptron with layer products c_l =
 * inputs * outputs, a sample costs {@code 2 * sum c_l} forward, {@code 2 * sum c_l} for the weight
 * gradients and {@code 2 * sum c_l} without the first layer for the input deltas; a step costs 4 a
 * parameter for the update with momentum. Biases, activations and the loss are not counted. The
 * example's shard (10,000 samples, 784-256-10, batch 32, one epoch) is 10,000 * 818,176 + 313 *
 * 814,120 operations = 8,437 WU.
 */
public final class Workload {
  private static final long OPERATIONS_PER_UNIT = 1_000_000;
  private static final int UPDATE_OPERATIONS = 4;

  private Workload() {}

  /** Work units of one shard in one round, rounded up. */
  public static long workUnits(TrainingSpec spec, int shard) {
    long operations = operations(spec.model(), spec.local(), spec.range(shard).count());
    return Math.ceilDiv(operations, OPERATIONS_PER_UNIT);
  }

  /** Reference operations of one round over this many samples of a shard. */
  public static long operations(ModelSpec model, LocalSpec local, int samples) {
    long visits = Math.multiplyExact((long) samples, local.epochs());
    long products = Math.multiplyExact(visits, operationsPerSample(model));
    long perStep = Math.multiplyExact((long) UPDATE_OPERATIONS, model.parameterCount());
    return Math.addExact(products, Math.multiplyExact((long) local.steps(samples), perStep));
  }

  private static long operationsPerSample(ModelSpec model) {
    return switch (model) {
      case ModelSpec.Mlp mlp -> operationsPerSample(mlp.layers());
    };
  }

  private static long operationsPerSample(List<Integer> layers) {
    long all = 0;
    for (int i = 1; i < layers.size(); i++) {
      all += (long) layers.get(i - 1) * layers.get(i);
    }
    long withoutFirst = all - (long) layers.get(0) * layers.get(1);
    return 2 * (all + all + withoutFirst);
  }
}
