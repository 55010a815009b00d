package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CtrlCTest {
  /** A program whose work fails with something else than an interruption when it is interrupted. */
  static final class Working {
    private Working() {}

    public static void main(String[] arguments) throws Exception {
      CtrlC.guarding(Working::work, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    }

    private static void work() {
      System.out.println("working");
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("a part broke", e);
      }
    }
  }

  @Test
  void anInterruptedWorkIsToldInOneLineWhateverItFailsWith() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Working.class.getName())
            .start();
    try (var out = process.inputReader();
        var err = process.errorReader()) {
      assertEquals("working", out.readLine());

      process.toHandle().destroy();

      var said = err.lines().filter(line -> line.startsWith("shardex:")).toList();
      assertEquals(1, said.size(), said.toString());
      assertTrue(said.getFirst().startsWith("shardex: interrupted"), said.toString());
      assertEquals(128 + 15, process.waitFor());
    }
  }
}
