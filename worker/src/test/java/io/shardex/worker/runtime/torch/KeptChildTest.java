package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.ChallengeSize;
import io.shardex.worker.runtime.torch.ScriptedChild.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which child that was kept is used, and which one goes. */
class KeptChildTest {
  private static final TorchLimits LIMITS = TorchLimits.of(512, 1);
  private static final Optional<Digest> JOB = Optional.of(Toys.JOB);
  private static final byte[] MATRIX = new byte[1 << 20];

  private final List<Path> folders = new ArrayList<>();
  private final KeptChild kept = new KeptChild(Duration.ofMinutes(1));

  private StartedChild child() throws IOException {
    return child(Script.HANGS_AT_START);
  }

  private StartedChild child(Script script) throws IOException {
    return StartedChild.start(
        (limits, heap, scratch) -> {
          folders.add(scratch);
          return ScriptedChild.of(script, scratch);
        },
        LIMITS,
        80);
  }

  @AfterEach
  void nothingIsLeft() {
    kept.drop();
    assertGone();
  }

  private void assertGone() {
    assertEquals(0, ProcessHandle.current().children().count());
    assertEquals(List.of(), folders.stream().filter(Files::exists).toList());
  }

  @Test
  void aChildIsTakenOnce() throws IOException {
    kept.keep(Toys.JOB, child());

    Optional<StartedChild> taken = kept.take(JOB, 80);

    assertTrue(taken.isPresent());
    assertTrue(kept.take(JOB, 80).isEmpty());
    kept.drop();
    assertTrue(taken.get().process().isAlive(), "it is its taker's");
    taken.get().close();
  }

  @Test
  void whoAsksForAnotherJobOrForNoneEndsIt() throws IOException {
    for (Optional<Digest> other :
        List.of(Optional.of(Toys.ANOTHER_JOB), Optional.<Digest>empty())) {
      kept.keep(Toys.JOB, child());

      assertTrue(kept.take(other, 80).isEmpty());
      assertGone();
      assertTrue(kept.take(JOB, 80).isEmpty());
    }
  }

  @Test
  void aShardThatNeedsMoreHeapIsNotGivenOneOfLess() throws IOException {
    kept.keep(Toys.JOB, child());

    assertTrue(kept.take(JOB, 81).isEmpty());
    assertGone();
  }

  @Test
  void aChildThatHasSomethingToSayIsNotUsed() throws Exception {
    StartedChild talks = child(Script.TRAINS);
    for (int i = 0; i < 600 && talks.process().isIdle(); i++) {
      Thread.sleep(50);
    }
    kept.keep(Toys.JOB, talks);

    assertTrue(kept.take(JOB, 80).isEmpty());
    assertGone();
  }

  @Test
  void aChildThatWasNotSentAllIsNotUsed() throws Exception {
    StartedChild deaf = child();
    // More than a pipe holds.
    deaf.process().send(new ChainJob(new ChallengeSize(1_024, 1, 0, 0), MATRIX, MATRIX));
    kept.keep(Toys.JOB, deaf);

    assertTrue(kept.take(JOB, 80).isEmpty());
    assertGone();
  }

  @Test
  void anotherTakesThePlaceOfTheOneBefore() throws IOException {
    kept.keep(Toys.JOB, child());
    kept.keep(Toys.JOB, child());

    assertEquals(1, ProcessHandle.current().children().count());
  }

  @Test
  void whoWaitsTooLongGoes() throws Exception {
    KeptChild hurried = new KeptChild(Duration.ofMillis(100));
    hurried.keep(Toys.JOB, child());

    for (int i = 0; i < 200 && ProcessHandle.current().children().findAny().isPresent(); i++) {
      Thread.sleep(50);
    }

    assertTrue(hurried.take(JOB, 80).isEmpty());
    assertGone();
  }

  @Test
  void theTimeOfOneIsNotTheNextOnes() throws Exception {
    KeptChild hurried = new KeptChild(Duration.ofSeconds(3));
    hurried.keep(Toys.JOB, child());
    hurried.take(JOB, 80).orElseThrow().close();
    Thread.sleep(2_500);
    hurried.keep(Toys.JOB, child());
    Thread.sleep(1_000); // past the first one's time, and far from the second one's

    assertFalse(hurried.take(JOB, 80).map(KeptChildTest::closed).isEmpty());
  }

  private static boolean closed(StartedChild child) {
    try {
      child.close();
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aChildOfOtherProcessorsThanTheLeasesIsNotUsed() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one processor only");
    StartedChild child = child();
    kept.keep(Toys.JOB, child);
    String pid = String.valueOf(child.process().pid());
    assumeTrue(
        new ProcessBuilder("taskset", "-p", "-c", "0", pid).start().waitFor() == 0,
        "there is no taskset here");

    assertTrue(kept.take(JOB, 80).isEmpty());
    assertGone();
  }
}
