package io.shardex.worker.runtime.torch;

import java.util.List;

/**
 * A trainable parameter of a module.
 *
 * @param name as in the module, {@code conv1.weight}: 1 to 256 printable characters of ASCII
 * @param shape at most 8 extents of 1 or more; none for a single number
 */
public record TorchTensor(String name, List<Integer> shape) {
  static final int MOST_EXTENTS = 8;

  public TorchTensor {
    shape = List.copyOf(shape);
    if (!name.matches("[!-~]{1,256}")) {
      throw new IllegalArgumentException(
          "expected a parameter's name of 1 to 256 printable characters, but it is '"
              + Words.bounded(name)
              + "'");
    }
    if (shape.size() > MOST_EXTENTS || shape.stream().anyMatch(extent -> extent < 1)) {
      throw new IllegalArgumentException(
          "expected at most %d extents of 1 or more for %s, but they are %s"
              .formatted(MOST_EXTENTS, name, shape));
    }
    if (shape.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b)
        > TorchShard.MOST_PARAMETERS) {
      throw new IllegalArgumentException(
          "expected at most %d numbers in %s, but its shape is %s"
              .formatted(TorchShard.MOST_PARAMETERS, name, shape));
    }
  }

  /** Numbers in it: the product of its extents. */
  public int count() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }
}
