package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** Which child that waits is used, and which one goes. */
class SpareChildTest {
  private static final TorchLimits LIMITS = TorchLimits.of(512, 1);

  private final List<Path> folders = new ArrayList<>();
  private final SpareChild spare = new SpareChild(Duration.ZERO, Duration.ofMinutes(1));

  private StartedChild child() throws IOException {
    return StartedChild.start(
        (limits, heap, scratch) -> {
          folders.add(scratch);
          return ScriptedChild.of(Script.HANGS_AT_START, scratch);
        },
        LIMITS,
        80);
  }

  @AfterEach
  void nothingIsLeft() {
    spare.drop();
    assertGone();
  }

  private void assertGone() {
    assertEquals(0, ProcessHandle.current().children().count());
    assertEquals(List.of(), folders.stream().filter(Files::exists).toList());
  }

  @Test
  void aChildIsTakenOnce() throws IOException {
    spare.keep(child());

    Optional<StartedChild> taken = spare.take(80);

    assertTrue(taken.isPresent());
    assertTrue(spare.take(80).isEmpty());
    spare.drop();
    assertTrue(taken.get().process().isAlive(), "it is its taker's");
    taken.get().close();
  }

  @Test
  void aShardThatNeedsMoreHeapIsNotGivenOneOfLess() throws IOException {
    spare.keep(child());

    assertTrue(spare.take(81).isEmpty());
    assertGone();
  }

  @Test
  void anotherTakesThePlaceOfTheOneBefore() throws IOException {
    spare.keep(child());
    spare.keep(child());

    assertEquals(1, ProcessHandle.current().children().count());
  }

  @Test
  void whoWaitsTooLongGoes() throws Exception {
    SpareChild hurried = new SpareChild(Duration.ZERO, Duration.ofMillis(100));
    hurried.keep(child());

    for (int i = 0; i < 200 && ProcessHandle.current().children().findAny().isPresent(); i++) {
      Thread.sleep(50);
    }

    assertTrue(hurried.take(80).isEmpty());
    assertGone();
  }

  @Test
  void theTimeOfOneIsNotTheNextOnes() throws Exception {
    SpareChild hurried = new SpareChild(Duration.ZERO, Duration.ofSeconds(3));
    hurried.keep(child());
    hurried.take(80).orElseThrow().close();
    Thread.sleep(2_500);
    hurried.keep(child());
    Thread.sleep(1_000); // past the first one's time, and far from the second one's

    assertFalse(hurried.take(80).map(SpareChildTest::closed).isEmpty());
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
    spare.keep(child);
    String pid = String.valueOf(child.process().pid());
    assumeTrue(
        new ProcessBuilder("taskset", "-p", "-c", "0", pid).start().waitFor() == 0,
        "there is no taskset here");

    assertTrue(spare.take(80).isEmpty());
    assertGone();
  }
}
