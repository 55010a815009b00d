package io.shardex.training.spec;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The model a job trains: its shape and the seed its first weights and all other chance come from.
 */
public sealed interface ModelSpec {

  /** Largest number of parameters a model may have (64 MiB of raw floats). */
  int MAX_PARAMETERS = 1 << 24;

  /** Features a sample must have. */
  int inputs();

  /** Classes a label may name: labels are 0 to classes - 1. */
  int classes();

  /** Seed of the initial weights and of every other random value of the job. */
  long seed();

  /** Weights and biases together. */
  int parameterCount();

  /** What a hidden layer does with its sums. */
  enum Activation {
    /** max(z, 0). */
    RELU
  }

  /**
   * A multilayer perceptron.
   *
   * @param layers widths from input to output: 2 to 16 entries of 1 to 65,536, the last one
   *     (classes) 2 to 256
   */
  record Mlp(List<Integer> layers, Activation activation, long seed) implements ModelSpec {
    public Mlp {
      layers = List.copyOf(layers);
      Check.range("model.layers count", layers.size(), 2, 16);
      for (int i = 0; i < layers.size(); i++) {
        Check.range("model.layers[" + i + "]", layers.get(i), 1, 65_536);
      }
      Check.range("model.layers[" + (layers.size() - 1) + "]", layers.getLast(), 2, 256);
      Check.range("model parameters", parameters(layers), 1, MAX_PARAMETERS);
    }

    @Override
    public int inputs() {
      return layers.getFirst();
    }

    @Override
    public int classes() {
      return layers.getLast();
    }

    @Override
    public int parameterCount() {
      return Math.toIntExact(parameters(layers));
    }

    private static long parameters(List<Integer> layers) {
      return IntStream.range(1, layers.size())
          .mapToLong(i -> (layers.get(i - 1) + 1L) * layers.get(i))
          .sum();
    }
  }
}
