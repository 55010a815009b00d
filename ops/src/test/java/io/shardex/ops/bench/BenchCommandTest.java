package io.shardex.ops.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Shardex;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class BenchCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void eachPartHasTheNameThatHelpGives() {
    assertEquals(ExitCode.OK.number(), run("bench", "network", "--help"));

    for (NetworkFigures.Part part : NetworkFigures.Part.values()) {
      assertTrue(out.toString().contains(part.toString()), part.toString());
    }
  }

  @Test
  void anUnknownPartIsRefusedByNameBeforeAnythingStarts() {
    assertEquals(ExitCode.USAGE.number(), run("bench", "network", "--only", "takeover,nothing"));
    assertTrue(err.toString().contains("first-lease"), err.toString());
    assertTrue(err.toString().contains("but was 'nothing'"), err.toString());
  }

  private int run(String... arguments) {
    CommandLine root = Shardex.commandLine();
    root.setOut(new PrintWriter(out, true));
    root.setErr(new PrintWriter(err, true));
    return root.execute(arguments);
  }
}
