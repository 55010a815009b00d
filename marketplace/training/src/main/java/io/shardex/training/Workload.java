package io.shardex.training;

import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import java.util.List;

/**
 * The work of a shard in work units (WU) of 10^6 reference operations: a pure function of model,
 * batch size and samples, without credit for zeros.
 *
 * <p>A product and a sum count one operation each. With layer products c_l = inputs * outputs of a
 * dense layer, times the image's places of a convolution (whose border counts like the rest), a
 * sample costs {@code 2 * sum c_l} forward, {@code 2 * sum c_l} for the weight gradients and {@code
 * 2 * sum c_l} without the first layer for the input deltas; a step costs 4 a parameter for the
 * update with momentum, 13 for Adam's. Biases, activations, pooling and the loss are not counted.
 * The example's shard (10,000 samples, 784-256-10, batch 32, one epoch) is 10,000 * 818,176 + 313 *
 * 814,120 operations = 8,437 WU.
 *
 * <p>Of a builder's own module nobody else knows what it computes: a sample costs what the builder
 * declares, and the update is counted as above.
 */
public final class Workload {
  private static final long OPERATIONS_PER_UNIT = 1_000_000;

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
    long perStep = Math.multiplyExact((long) updateOperations(local), model.parameterCount());
    return Math.addExact(products, Math.multiplyExact((long) local.steps(samples), perStep));
  }

  private static long operationsPerSample(ModelSpec model) {
    return switch (model) {
      case ModelSpec.Layered layered -> operationsPerSample(layered);
      case ModelSpec.TorchScript module -> module.flopsPerSample();
    };
  }

  private static long operationsPerSample(ModelSpec.Layered model) {
    List<Long> products = model.products();
    long all = products.stream().mapToLong(Long::longValue).sum();
    long withoutFirst = all - products.getFirst();
    return 2 * (all + all + withoutFirst);
  }

  /** Products, sums, quotients and roots of one parameter's update. */
  private static int updateOperations(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> 4;
      case LocalSpec.Adam adam -> 13;
    };
  }
}
