package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.codec.Samples;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
class SimulationTest {
  private static final int STEPS = 2_000;

  private int drawn;
  private int inCompany;
  private final Set<Class<?>> seen = new LinkedHashSet<>();

  /** A seed that ever finds a bug is added here. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 19, 25})
  void whateverHappensTheBooksBalanceReplicasAgreeAndEveryJobEnds(long seed) {
    Simulation simulation = new Simulation(seed);
    simulation.run(STEPS);
    simulation.replicasAgree();
    seen.addAll(simulation.market().seen());
  }

  /** Owners with several workers, of whom chance draws some; all of one prove together. */
  @ParameterizedTest(name = "fleets, seed {0}")
  @ValueSource(longs = {31, 32, 33, 34, 35, 36})
  void theSameHoldsWhereChanceDrawsOwnersWithSeveralWorkers(long seed) {
    Simulation simulation = Simulation.ofFleets(seed);
    simulation.run(STEPS);
    simulation.replicasAgree();
    seen.addAll(simulation.market().seen());
    drawn += simulation.market().challenges();
    inCompany += simulation.market().challengesInCompany();
  }

  @AfterAll
  void fleetsWereChallengedAloneAndInCompany() {
    assertTrue(inCompany > 20 && drawn > inCompany, () -> inCompany + " of " + drawn);
  }

  @AfterAll
  void everyKindOfEventHasHappened() {
    Set<Class<?>> missing = new LinkedHashSet<>(Samples.cases(Event.class).toList());
    missing.removeAll(seen);
    // Only when k validators never agree on a dispute about a job that has ended.
    missing.remove(Event.AuditVoided.class);
    assertEquals(Set.of(), missing);
  }
}
