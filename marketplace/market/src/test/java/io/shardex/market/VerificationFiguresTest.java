package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of {@link VerificationFigures}, from fewer runs. */
class VerificationFiguresTest {
  private final VerificationFigures figures = new VerificationFigures(1);

  @Test
  void noHonestPartyIsEverSlashed() {
    VerificationFigures.Honest honest = figures.honestAudits(400);
    assertEquals(0, honest.slashed());
    assertTrue(honest.silentWorkers() > 0 && honest.silentAuditors() > 0, honest::toString);
  }

  @Test
  void liesAreFoundAsOftenAsTheFormulaSays() {
    List<Integer> found = figures.detections(120, 50, 40);
    double formula = VerificationFigures.formula(0.05, 0.5, 40);
    // Three standard deviations of 120 runs with probability 0.64.
    assertEquals(formula, VerificationFigures.shareWithin(found, 40), 0.13);
  }

  @Test
  void anOwnersHistoryMakesItsAuditsRare() {
    Map<Integer, Double> shares = figures.auditedByHistory(30, 21);
    assertEquals(1.0, shares.get(0));
    assertEquals(1.0, shares.get(1));
    assertTrue(shares.getOrDefault(20, 1.0) < 0.3, shares::toString);
  }

  @ParameterizedTest
  @EnumSource
  void lyingNeverPays(VerificationFigures.Strategy strategy) {
    VerificationFigures.Gain gain = figures.gain(strategy, 4);
    assertTrue(gain.lies() > 0);
    assertTrue(gain.tokens() < 0, gain::toString);
  }
}
