package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.Challenge;
import io.shardex.training.proof.ChallengeSize;
import io.shardex.training.proof.MatrixChain;
import io.shardex.training.proof.ProofFailure;
import io.shardex.training.proof.ReferenceChain;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchChainTest {
  private static final TorchLimits LIMITS =
      new TorchLimits(1_024, 1, Duration.ofSeconds(20), Duration.ofSeconds(1));

  @Test
  void libtorchComesToTheBitsOfTheReference() throws Exception {
    TorchChain chain =
        new TorchChain(InstalledTorch.here(), InstalledTorch.limits(Duration.ofSeconds(30)));
    // The largest sums: 2048 rows; and sides that fill no block of a kernel.
    for (Challenge challenge : List.of(challenge(2048, 3), challenge(67, 40), challenge(8, 5))) {
      List<byte[]> expected = matrices(challenge);

      List<byte[]> found = new ArrayList<>();
      chain.run(challenge, found::add);

      assertEquals(expected.size(), found.size());
      for (int link = 0; link < expected.size(); link++) {
        assertArrayEquals(expected.get(link), found.get(link), challenge.size() + " " + link);
      }
    }
  }

  @Test
  void aChildThatFailsInAnyWayIsAChallengeThatIsNotMet() {
    assertBreaksOff(ScriptedChild.Script.DIES_AT_START, "no library of that name");
    assertBreaksOff(ScriptedChild.Script.IS_OF_ANOTHER_VERSION, "expected a child of protocol");
    assertBreaksOff(ScriptedChild.Script.DOES_NOT_READ, "libtorch was silent for 1 s");
    assertBreaksOff(
        ScriptedChild.Script.SENDS_TOO_LARGE_A_MATRIX, "65 bytes of data where 64 are left");
  }

  private static void assertBreaksOff(ScriptedChild.Script script, String why) {
    TorchChain chain =
        new TorchChain(LIMITS, (limits, heap, scratch) -> ScriptedChild.of(script, scratch));
    ProofFailure failure =
        assertThrows(ProofFailure.class, () -> chain.run(challenge(8, 2), matrix -> {}));
    assertTrue(
        String.valueOf(failure.getMessage()).contains(why), script + ": " + failure.getMessage());
  }

  private static Challenge challenge(int side, int links) {
    Digest seed = Digest.of("chain".getBytes(StandardCharsets.UTF_8));
    return new Challenge(seed, new ChallengeSize(side, links, 0, 0));
  }

  private static List<byte[]> matrices(Challenge challenge) throws Exception {
    List<byte[]> matrices = new ArrayList<>();
    try (Lanes lanes = Lanes.of(2)) {
      MatrixChain reference = new ReferenceChain(lanes);
      reference.run(challenge, matrices::add);
    }
    return matrices;
  }
}
