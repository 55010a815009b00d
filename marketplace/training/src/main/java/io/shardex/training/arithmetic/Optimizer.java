package io.shardex.training.arithmetic;

import io.shardex.training.spec.LocalSpec;
import java.nio.ByteBuffer;

/** How parameters follow their gradients: the one place where they move. */
sealed interface Optimizer permits Momentum, Adam {
  static Optimizer of(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> new Momentum(sgd.learningRate(), sgd.momentum());
      case LocalSpec.Adam adam -> new Adam(adam);
    };
  }

  /** Slots it keeps beside each parameter. */
  int slots();

  /** Begins the next step; called once a step, before any parameter moves. */
  void begin();

  /** Moves one row of parameters; lanes may call it at once for rows that differ. */
  void move(ParameterRows parameters, int row, float[] gradient);

  /** Bytes of {@link #writeState}. */
  int stateBytes();

  /** Writes what it keeps once for all parameters. */
  void writeState(ByteBuffer target);

  /** Takes what {@link #writeState} wrote. */
  void readState(ByteBuffer source);
}
