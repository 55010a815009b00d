package io.shardex.ops.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  private static final long PATIENCE_SECONDS = 20;

  @TempDir private Path dir;

  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> happened = new LinkedBlockingQueue<>();

  @Test
  void aPartThatEndsIsStartedAgain() throws Exception {
    Recorded node = new Recorded("node-1");
    try (UpFolder folder = UpFolder.open(dir.resolve("net"));
        Supervisor parts = new Supervisor(folder, Duration.ofMillis(10), said::add)) {
      parts.start(List.of(node));
      assertEquals("node-1 starts", next(happened));

      node.ended.complete("was killed by signal 9");

      assertTrue(next(said).startsWith("node-1 was killed by signal 9; it is started again"));
      assertEquals("node-1 starts", next(happened));
      assertEquals("node-1 is started again", next(said));
    }
    assertEquals("node-1 ends", next(happened));
  }

  @Test
  void partsEndAgainstTheOrderOfTheirStarts() throws Exception {
    try (UpFolder folder = UpFolder.open(dir.resolve("net"));
        Supervisor parts = new Supervisor(folder, Duration.ofMillis(10), said::add)) {
      for (String name : List.of("chain", "node-1", "worker-1")) {
        parts.start(List.of(new Recorded(name)));
        assertEquals(name + " starts", next(happened));
      }
    }
    for (String name : List.of("worker-1", "node-1", "chain")) {
      assertEquals(name + " ends", next(happened));
    }
  }

  @Test
  void aFirstStartThatFailsIsTold() throws Exception {
    Part broken =
        new Recorded("node-2") {
          @Override
          public Running start() throws IOException {
            throw new IOException("no port");
          }
        };
    try (UpFolder folder = UpFolder.open(dir.resolve("net"));
        Supervisor parts = new Supervisor(folder, Duration.ofMillis(10), said::add)) {
      IOException failure = assertThrows(IOException.class, () -> parts.start(List.of(broken)));
      assertEquals("no port", failure.getMessage());
    }
  }

  @Test
  void aProcessIdStandsInTheFolderWhileThePartRuns() throws Exception {
    Recorded node = new Recorded("node-3");
    try (UpFolder folder = UpFolder.open(dir.resolve("net"))) {
      try (Supervisor parts = new Supervisor(folder, Duration.ofMillis(10), said::add)) {
        parts.start(List.of(node));
        assertEquals("4711", Files.readString(folder.pid("node-3")).strip());
      }
      assertTrue(Files.notExists(folder.pid("node-3")));
    }
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    return Optional.ofNullable(queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .orElseThrow(() -> new AssertionError("nothing happened"));
  }

  /** A part that tells of its starts and ends. */
  private class Recorded implements Part {
    private final String name;
    private volatile CompletableFuture<String> ended = new CompletableFuture<>();

    Recorded(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Running start() throws IOException {
      ended = new CompletableFuture<>();
      happened.add(name + " starts");
      CompletableFuture<String> mine = ended;
      return new Running() {
        @Override
        public CompletableFuture<String> ended() {
          return mine;
        }

        @Override
        public OptionalLong pid() {
          return OptionalLong.of(4711);
        }

        @Override
        public void close() {
          happened.add(name + " ends");
        }
      };
    }
  }
}
