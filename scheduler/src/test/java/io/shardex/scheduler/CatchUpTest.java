package io.shardex.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CatchUpTest {
  private final List<CompletableFuture<Long>> asked = new ArrayList<>();
  private final List<Runnable> pauses = new ArrayList<>();
  private boolean ended;
  private final CatchUp catchUp = CatchUp.begin(this::ask, pauses::add, () -> ended);

  private CompletableFuture<Long> ask() {
    asked.add(new CompletableFuture<>());
    return asked.getLast();
  }

  @Test
  void itIsDoneOnceABarrierIsPassed() {
    assertFalse(catchUp.isDone());

    assertTrue(asked.getFirst().complete(7L));

    assertTrue(catchUp.isDone());
    assertEquals(List.of(), pauses);
  }

  @Test
  void aBarrierThatFailsIsAskedForAgainAfterAPause() {
    assertTrue(asked.getFirst().completeExceptionally(new IllegalStateException("no leader")));
    assertFalse(catchUp.isDone());
    assertEquals(1, asked.size());

    pauses.getFirst().run();
    assertTrue(asked.getLast().complete(7L));

    assertTrue(catchUp.isDone());
  }

  @Test
  void aNodeThatEndsAsksNoMore() {
    ended = true;

    assertTrue(asked.getFirst().completeExceptionally(new IllegalStateException("closed")));

    assertEquals(List.of(), pauses);
  }
}
