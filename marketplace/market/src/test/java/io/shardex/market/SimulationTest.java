package io.shardex.market;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  private static final int STEPS = 4_000;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappensTheBooksBalanceReplicasAgreeAndEveryJobEnds(long seed) {
    Simulation simulation = new Simulation(seed);
    simulation.run(STEPS);
    simulation.replicasAgree();
  }
}
