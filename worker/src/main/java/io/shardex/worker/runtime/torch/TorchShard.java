package io.shardex.worker.runtime.torch;

import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.util.List;

/**
 * What is to be trained in one round, beside the module and the samples.
 *
 * <p>A step takes the next {@code local.batchSize()} samples of its epoch's order, {@code
 * SampleOrder.of(seed, round, shard, epoch, count)}, and follows the gradient of their mean
 * cross-entropy. Whatever libtorch draws (dropout) in a step follows from seed, round, shard and
 * step.
 *
 * @param tensors the module's trainable parameters; the vector of all has them one behind the
 *     other, each row-major; 1 to 1,024 of different names
 * @param base their values at the round's start
 * @param input extents of one sample, 1 to 7 of them: {@code [1, 28, 28]}
 * @param reading what the module gets of a sample's bytes, and is asked for
 * @param classes extent of the module's answer for one label, 2 to 256
 * @param round 0 or more
 * @param shard 0 or more
 */
public record TorchShard(
    List<Tensor> tensors,
    Parameters base,
    List<Integer> input,
    Reading reading,
    int classes,
    LocalSpec local,
    long seed,
    int round,
    int shard) {
  /** The most parameters: 64 MiB of raw floats. */
  public static final int MOST_PARAMETERS = 1 << 24;

  static final int MOST_TENSORS = 1_024;
  private static final int MOST_FEATURES = 1 << 24;

  /** What of a sample is what to the module. */
  public enum Reading {
    /** Each byte is scaled as a pixel of the reference arithmetic; a sample has one label. */
    PIXELS,
    /** Each byte is a token, as it is; its label is the byte behind it. */
    TEXT
  }

  public TorchShard {
    tensors = List.copyOf(tensors);
    input = List.copyOf(input);
    require(
        !tensors.isEmpty() && tensors.size() <= MOST_TENSORS,
        "1 to %d tensors".formatted(MOST_TENSORS),
        tensors.size());
    require(
        tensors.stream().map(Tensor::name).distinct().count() == tensors.size(),
        "tensors of different names",
        tensors);
    long count = tensors.stream().mapToLong(Tensor::count).sum();
    require(count <= MOST_PARAMETERS, "at most %d parameters".formatted(MOST_PARAMETERS), count);
    require(base.count() == count, "the tensors' %d parameters".formatted(count), base.count());
    require(
        !input.isEmpty()
            && input.size() < Tensor.MAX_RANK
            && input.stream().allMatch(extent -> extent >= 1)
            && input.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b)
                <= MOST_FEATURES,
        "1 to 7 extents of a sample, at most %d features".formatted(MOST_FEATURES),
        input);
    require(classes >= 2 && classes <= 256, "2 to 256 classes", classes);
    require(round >= 0 && shard >= 0, "a round and a shard of 0 or more", round + ", " + shard);
  }

  /** A shard of images. */
  public TorchShard(
      List<Tensor> tensors,
      Parameters base,
      List<Integer> input,
      int classes,
      LocalSpec local,
      long seed,
      int round,
      int shard) {
    this(tensors, base, input, Reading.PIXELS, classes, local, seed, round, shard);
  }

  private static void require(boolean holds, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException("expected %s, but got %s".formatted(expected, found));
    }
  }

  int stateCount() {
    return stateCount(base.count(), local);
  }

  /** Numbers in a state: the parameters, and as many in each slot of the optimiser. */
  public static int stateCount(int parameters, LocalSpec local) {
    return (1 + slots(local)) * parameters;
  }

  /** Numbers that the optimiser remembers of each parameter. */
  static int slots(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> 1;
      case LocalSpec.Adam adam -> 2;
    };
  }

  /** Labels of one sample. */
  int labels() {
    return reading == Reading.TEXT ? features() : 1;
  }

  /** Features of one sample: the product of its extents. */
  public int features() {
    return input.stream().reduce(1, Math::multiplyExact);
  }
}
