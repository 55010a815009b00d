package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One shard's local training in one round, step by step. Not for several threads at once.
 *
 * <pre>
 * while (training.step() &lt; training.steps() &amp;&amp; training.advance()) { ... }
 * </pre>
 */
public final class LocalTraining {
  private final LocalSpec local;
  private final Optimizer optimizer;
  private final Samples samples;
  private final long seed;
  private final int round;
  private final int shard;
  private final int labels;
  private final Network network;
  private int[] order = {};
  private int step;
  private double lossSum;

  /**
   * Starts at the round's model, with the optimiser's slots at zero.
   *
   * @param samples the shard's samples; they must fit the model
   */
  public LocalTraining(RoundModel base, LocalSpec local, int shard, Samples samples, Lanes lanes) {
    samples.requireFits(base.model());
    this.local = local;
    this.optimizer = Optimizer.of(local);
    this.samples = samples;
    this.seed = base.model().seed();
    this.labels = base.model().labels();
    this.round = base.round();
    this.shard = shard;
    int batch = Math.min(local.batchSize(), samples.count());
    this.network = new Network(base.model(), base.parameters(), batch, optimizer.slots(), lanes);
  }

  /** Steps of the whole shard. */
  public int steps() {
    return local.steps(samples.count());
  }

  /** Steps taken so far. */
  public int step() {
    return step;
  }

  /**
   * Sum of the loss over all labels of all samples visited so far, each at the weights of its step.
   */
  public double lossSum() {
    return lossSum;
  }

  /** Mean of the loss over all labels visited so far; at least one step has been taken. */
  public double meanLoss() {
    return lossSum / ((double) visited() * labels);
  }

  /** Samples visited so far, over all local epochs. */
  public long visited() {
    int batches = steps() / local.epochs();
    long whole = (long) (step / batches) * samples.count();
    return whole + Math.min((long) (step % batches) * local.batchSize(), samples.count());
  }

  /** Takes one step. False when its loss is not finite: the shard has diverged in it. */
  public boolean advance() {
    int batches = steps() / local.epochs();
    int batch = step % batches;
    if (batch == 0 || order.length == 0) {
      order = SampleOrder.of(seed, round, shard, step / batches, samples.count());
    }
    int at = batch * local.batchSize();
    int count = Math.min(local.batchSize(), samples.count() - at);
    network.forward(samples, order, at, count);
    lossSum = network.addLoss(lossSum, samples, order, at, count);
    step++;
    if (!Double.isFinite(lossSum)) {
      return false;
    }
    network.backward(count, optimizer);
    return true;
  }

  /** Whether no parameter and no optimiser slot is NaN or infinite. */
  public boolean finite() {
    return network.finite();
  }

  /** A copy of the parameters. */
  public Parameters parameters() {
    return network.parameters();
  }

  /** A buffer that {@link #writeState} fills. */
  public ByteBuffer stateBuffer() {
    return ByteBuffer.allocate(stateBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes of a state. */
  public int stateBytes() {
    return network.stateBytes() + optimizer.stateBytes() + 2 * Long.BYTES;
  }

  /** Bytes of a state of any training of this model with this optimiser. */
  public static int stateBytes(ModelSpec model, LocalSpec local) {
    Optimizer optimizer = Optimizer.of(local);
    int perParameter = (1 + optimizer.slots()) * Float.BYTES;
    return perParameter * model.parameterCount() + optimizer.stateBytes() + 2 * Long.BYTES;
  }

  /** Fills the buffer with the canonical bytes of the present state, ready to be read. */
  public void writeState(ByteBuffer target) {
    target.clear();
    network.writeState(target);
    optimizer.writeState(target);
    target.putLong(step).putDouble(lossSum);
    target.flip();
  }

  /** Goes on from the state that {@link #writeState} wrote, before the first step. */
  public void readState(ByteBuffer source) {
    if (step != 0 || source.remaining() != stateBytes()) {
      throw new IllegalStateException(
          "expected a state of %d bytes before step 1, but %d came after step %d"
              .formatted(stateBytes(), source.remaining(), step));
    }
    network.readState(source);
    optimizer.readState(source);
    step = Math.toIntExact(source.getLong());
    lossSum = source.getDouble();
  }
}
