package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.CheckpointEvery;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CheckpointSaverTest {
  private static final byte[] SAVED = {1};

  private final List<Integer> saved = new CopyOnWriteArrayList<>();

  private CheckpointSaver every(int steps, int from) {
    return new CheckpointSaver(
        new CheckpointEvery.Steps(steps), from, (step, bytes) -> saved.add(step));
  }

  @Test
  void aCheckpointIsDueSoManyStepsAfterTheLastOneOrTheBeginning() {
    try (CheckpointSaver saver = every(20, 30)) {
      assertFalse(saver.isDue(49));
      assertTrue(saver.isDue(50));
      saver.saveNow(53, () -> Optional.of(SAVED));
      assertFalse(saver.isDue(72));
      assertTrue(saver.isDue(73));
    }
    assertEquals(List.of(53), saved);
  }

  @Test
  void aCheckpointThatMemoryDoesNotSufficeForCostsNothingButItself() {
    try (CheckpointSaver saver = every(20, 0)) {
      saver.saveNow(
          20,
          () -> {
            throw new OutOfMemoryError("Java heap space");
          });
      assertEquals(List.of(), saved);
      assertTrue(saver.isDue(40), "the saver is free again");
      saver.saveNow(40, () -> Optional.of(SAVED));
    }
    assertEquals(List.of(40), saved);
  }

  @Test
  void whatCannotBePutSomewhereCostsNothingButItself() {
    CheckpointSaver.Place full =
        (step, bytes) -> {
          throw new IOException("no space left");
        };
    try (CheckpointSaver saver = new CheckpointSaver(new CheckpointEvery.Steps(1), 0, full)) {
      saver.saveNow(1, () -> Optional.of(SAVED));
      assertTrue(saver.isDue(2), "the saver is free again");
    }
  }

  @Test
  void whileOneIsUnderWayNoneIsDue() throws Exception {
    CountDownLatch line = new CountDownLatch(1);
    CheckpointSaver.Place slow =
        (step, bytes) -> {
          line.await();
          saved.add(step);
        };
    try (CheckpointSaver saver = new CheckpointSaver(new CheckpointEvery.Steps(1), 0, slow)) {
      saver.save(1, () -> Optional.of(SAVED));
      assertFalse(saver.isDue(100));
      line.countDown();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!saver.isDue(100)) {
        assertTrue(System.nanoTime() < end, "the saver is free within 20 s");
        Thread.onSpinWait();
      }
      assertEquals(List.of(1), saved);
    }
  }
}
