package io.shardex.training.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.OpeningRefused.Flaw;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProofTest {
  private static final ChallengeSize SIZE = new ChallengeSize(24, 9, 40, 60);
  private static final Challenge CHALLENGE = new Challenge(digest("seed"), SIZE);

  /** The whole specification as one hash: another machine, JDK or device must come to it. */
  @Test
  void theAnswerIsTheGoldenOne() throws Exception {
    assertEquals(
        "36ef55a73976044741697765ce7c3c53478ee043685befad3aeaa3e3bbb3e609",
        solved(CHALLENGE, 1).root().hex());
  }

  @Test
  void threadsDoNotChangeTheAnswer() throws Exception {
    assertEquals(solved(CHALLENGE, 1).root(), solved(CHALLENGE, 3).root());
  }

  @Test
  void anotherSeedHasAnotherAnswer() throws Exception {
    Challenge other = new Challenge(digest("other"), SIZE);
    assertNotEquals(solved(CHALLENGE, 1).root(), solved(other, 1).root());
  }

  @ParameterizedTest
  @CsvSource({"8,1,0,0", "9,1,1,1", "24,9,40,60", "33,5,2,0", "16,64,7,200"})
  void anHonestOpeningIsAccepted(int side, int links, int blocks, int steps) throws Exception {
    Challenge challenge =
        new Challenge(digest("size"), new ChallengeSize(side, links, blocks, steps));
    Solution solution = solved(challenge, 2);
    for (int i = 0; i < 5; i++) {
      Digest draw = digest("draw " + i);
      byte[] opening = solution.opening(draw);
      assertDoesNotThrow(() -> OpeningCheck.check(challenge, solution.root(), draw, opening));
    }
  }

  @Test
  void theChainIsExactIntegerArithmetic() throws Exception {
    Challenge largest = new Challenge(digest("wide"), new ChallengeSize(257, 3, 0, 0));
    List<byte[]> fast = matrices(largest);
    byte[] at = MatrixChain.start(largest);
    for (byte[] next : fast) {
      at = slowLink(MatrixChain.factor(largest), at, 257);
      assertArrayEquals(at, next);
    }
  }

  @Test
  void noSumOfTheLargestChainLeavesTheExactIntegers() {
    assertTrue((long) ChallengeSize.LARGEST_SIDE * 56 * 56 < 1 << 24);
  }

  @Test
  void cubeAndRootAreInverse() {
    for (int x = -56; x <= 56; x++) {
      assertEquals(x, SmallField.root(SmallField.cube(x)));
      assertEquals(SmallField.cube(x), SmallField.cube(x + 113 * 1_000));
      assertEquals(SmallField.cube(x), SmallField.cube(x - 113 * 1_000));
    }
  }

  @Test
  void oneWrongNumberOfAMatrixIsFoundWhereItIsLookedAt() throws Exception {
    // One link, so every draw looks at it.
    Challenge challenge = new Challenge(digest("one"), new ChallengeSize(24, 1, 0, 0));
    for (int place = 0; place < 24 * 24; place += 23) {
      int wrong = place;
      assertEquals(
          Flaw.FALSE_PRODUCT,
          flaw(challenge, matrix -> matrix[wrong] = (byte) (matrix[wrong] == 0 ? 1 : 0)));
    }
  }

  @Test
  void aNumberOutsideTheFieldIsRefusedThoughItIsCongruent() throws Exception {
    Challenge challenge = new Challenge(digest("one"), new ChallengeSize(24, 1, 0, 0));
    assertEquals(
        Flaw.FALSE_PRODUCT,
        flaw(
            challenge,
            matrix -> {
              int low = 0;
              while (matrix[low] > 0) {
                low++;
              }
              matrix[low] = (byte) (matrix[low] + 113);
            }));
  }

  @Test
  void skippedLinksAreFoundAsOftenAsTheirShareSays() throws Exception {
    // Every fourth link skipped: 1 - 0.75^6 = 0.82 of the draws see one at least.
    Challenge challenge = new Challenge(digest("skip"), new ChallengeSize(16, 40, 0, 0));
    Solution lazy;
    try (Lanes lanes = Lanes.of(1)) {
      lazy = solved(challenge, new EveryFourthSkipped(), lanes);
    }
    int found = 0;
    for (int i = 0; i < 200; i++) {
      try {
        lazy.opening(digest("draw " + i));
      } catch (ProofFailure e) {
        found++;
      }
    }
    assertTrue(found > 140 && found < 185, "found " + found + " of 200");
  }

  @Test
  void aChangedByteAnywhereInAnOpeningIsRefused() throws Exception {
    Solution solution = solved(CHALLENGE, 1);
    Digest draw = digest("draw");
    byte[] opening = solution.opening(draw);
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] changed = opening.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      assertThrows(
          OpeningRefused.class,
          () -> OpeningCheck.check(CHALLENGE, solution.root(), draw, changed));
    }
  }

  @Test
  void aCutOrLongerOpeningIsMalformed() throws Exception {
    Solution solution = solved(CHALLENGE, 1);
    Digest draw = digest("draw");
    byte[] opening = solution.opening(draw);
    for (int length : new int[] {0, 3, 4, 11, opening.length - 1, opening.length + 1}) {
      OpeningRefused refused =
          assertThrows(
              OpeningRefused.class,
              () ->
                  OpeningCheck.check(
                      CHALLENGE, solution.root(), draw, Arrays.copyOf(opening, length)));
      assertTrue(refused.flaw() == Flaw.MALFORMED || refused.flaw() == Flaw.LEAF_MISSING);
    }
  }

  @Test
  void theOpeningOfAnotherDrawOrAnswerIsRefused() throws Exception {
    Solution solution = solved(CHALLENGE, 1);
    byte[] opening = solution.opening(digest("draw"));
    assertEquals(
        Flaw.LEAF_MISSING,
        assertThrows(
                OpeningRefused.class,
                () -> OpeningCheck.check(CHALLENGE, solution.root(), digest("another"), opening))
            .flaw());
    assertEquals(
        Flaw.NOT_IN_ANSWER,
        assertThrows(
                OpeningRefused.class,
                () -> OpeningCheck.check(CHALLENGE, digest("root"), digest("draw"), opening))
            .flaw());
  }

  @Test
  void aBlockMadeOfOthersIsFound() {
    int[] before = MemoryTable.first(CHALLENGE);
    int[] far = MemoryTable.made(CHALLENGE, 1, before, before);
    int[] made = MemoryTable.made(CHALLENGE, 7, far, before);
    int[] otherBefore = far.clone();
    otherBefore[MemoryTable.BLOCK_WORDS - 1] ^= 1;
    int[] otherFar = before.clone();
    otherFar[0] ^= 1;
    assertTrue(!Arrays.equals(made, MemoryTable.made(CHALLENGE, 7, otherBefore, before)));
    assertTrue(!Arrays.equals(made, MemoryTable.made(CHALLENGE, 7, far, otherFar)));
    assertTrue(!Arrays.equals(made, MemoryTable.made(CHALLENGE, 8, far, before)));
  }

  @Test
  void aFalseBlockAndAFalseStepAreFoundWhereTheyAreLookedAt() throws Exception {
    Challenge challenge = new Challenge(digest("one"), new ChallengeSize(8, 1, 1, 1));
    Solution solution = solved(challenge, 1);
    assertEquals(Flaw.FALSE_BLOCK, flawOf(solution, challenge, challenge.blockLeaf(0)));
    assertEquals(Flaw.FALSE_STEP, flawOf(solution, challenge, challenge.stepLeaf(0)));
  }

  /** What a check says when one leaf of a right answer was changed before it was hashed. */
  private static Flaw flawOf(Solution solution, Challenge challenge, int changed) {
    Leaves leaves =
        leaf -> {
          byte[] content = solution.content(leaf).clone();
          content[0] ^= (byte) (leaf == changed ? 1 : 0);
          return content;
        };
    return assertThrows(
            OpeningRefused.class, () -> OpeningCheck.run(challenge, digest("draw"), leaves))
        .flaw();
  }

  @Test
  void aWordChangesTheWalk() {
    int[] words = MemoryTable.first(CHALLENGE);
    int next = MemoryTable.nextPosition(5, 3, words);
    words[9_999] ^= 1 << 30;
    assertNotEquals(next, MemoryTable.nextPosition(5, 3, words));
    assertNotEquals(MemoryTable.nextPosition(5, 3, words), MemoryTable.nextPosition(5, 4, words));
  }

  @ParameterizedTest
  @CsvSource({
    "7,1,0,0",
    "4097,1,0,0",
    "8,0,0,0",
    "8,1,-1,0",
    "8,1,0,1",
    "8,1,1,-1",
    "8,1048577,0,0"
  })
  void aSizeBeyondItsBoundsIsRefused(int side, int links, int blocks, int steps) {
    assertThrows(
        IllegalArgumentException.class, () -> new ChallengeSize(side, links, blocks, steps));
  }

  private interface Change {
    void of(byte[] matrix);
  }

  /** What a check says of a chain of one link whose matrix is changed after it was computed. */
  private static Flaw flaw(Challenge challenge, Change change) throws Exception {
    byte[] matrix = matrices(challenge).getFirst();
    change.of(matrix);
    return assertThrows(
            OpeningRefused.class, () -> OpeningCheck.run(challenge, digest("draw"), leaf -> matrix))
        .flaw();
  }

  private static List<byte[]> matrices(Challenge challenge) throws Exception {
    List<byte[]> matrices = new ArrayList<>();
    try (Lanes lanes = Lanes.of(2)) {
      new ReferenceChain(lanes).run(challenge, matrices::add);
    }
    return matrices;
  }

  private static byte[] slowLink(byte[] factor, byte[] matrix, int side) {
    byte[] next = new byte[side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        long sum = 0;
        for (int k = 0; k < side; k++) {
          sum += factor[row * side + k] * matrix[k * side + column];
        }
        long root = Math.floorMod(sum, 113L);
        long cube = root * root * root % 113;
        next[column * side + row] = (byte) (cube > 56 ? cube - 113 : cube);
      }
    }
    return next;
  }

  /** Computes three links of four, and hands on the last matrix for the fourth. */
  private static final class EveryFourthSkipped implements MatrixChain {
    @Override
    public void run(Challenge challenge, Consumer each) {
      int side = challenge.size().side();
      byte[] at = MatrixChain.start(challenge);
      for (int link = 0; link < challenge.size().links(); link++) {
        at = link % 4 == 3 ? at : slowLink(MatrixChain.factor(challenge), at, side);
        each.accept(at);
      }
    }
  }

  private static Solution solved(Challenge challenge, int threads) throws Exception {
    try (Lanes lanes = Lanes.of(threads)) {
      return solved(challenge, new ReferenceChain(lanes), lanes);
    }
  }

  private static Solution solved(Challenge challenge, MatrixChain chain, Lanes lanes)
      throws Exception {
    return Solution.of(challenge, chain, lanes, Solution.Progress.SILENT);
  }

  private static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
