package io.shardex.worker.runtime.torch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * A chain of products by libtorch, on the device it has. All numbers are whole and below 2^24 in
 * magnitude, so float32 holds them exactly whatever the order of the sums is, and whether or not
 * factors are rounded to the ten bits that TF32 keeps of them. Inside the child only.
 */
final class LibtorchChain {
  private static final float ORDER = 113;

  private final Engine engine;

  LibtorchChain(Engine engine) {
    this.engine = engine;
  }

  /** Where the matrices go, in their order. */
  interface Each {
    void matrix(byte[] rows) throws IOException;
  }

  /** Runs the chain. */
  void run(ChainJob job, Each each) throws IOException {
    try (NDManager manager =
        NDManager.newBaseManager(engine.defaultDevice(), engine.getEngineName())) {
      NDArray factor = matrix(manager, job.factor(), job.size().side());
      NDArray matrix = matrix(manager, job.start(), job.size().side());
      for (int link = 0; link < job.size().links(); link++) {
        NDArray last = matrix;
        matrix = next(factor, last);
        last.close();
        try (NDArray bytes = matrix.toType(DataType.INT8, true)) {
          each.matrix(bytes.toByteArray());
        }
      }
    }
  }

  private static NDArray matrix(NDManager manager, byte[] rows, int side) {
    FloatBuffer values = FloatBuffer.allocate(rows.length);
    for (byte value : rows) {
      values.put(value);
    }
    return manager.create(values.flip(), new Shape(side, side));
  }

  private static NDArray next(NDArray factor, NDArray matrix) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray sums = reduced(reduced(factor.matMul(matrix)));
      NDArray squares = reduced(sums.mul(sums));
      NDArray next = reduced(squares.mul(sums)).transpose().duplicate();
      NDScope.unregister(next);
      return next;
    }
  }

  /**
   * What is congruent modulo the order and small: at most 57 in magnitude the first time, as a
   * device may divide less than exactly, and at most 56 of what is small already.
   */
  private static NDArray reduced(NDArray values) {
    return values.sub(values.div(ORDER).round().mul(ORDER));
  }
}
