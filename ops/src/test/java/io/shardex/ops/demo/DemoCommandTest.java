package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoCommandTest {
  private final StringWriter out = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--report=FILE",
        "--keep",
        "--honest",
        "Without mallory",
        "shardex demo --honest",
        "drawn, sealed, equal, auditMissed, auditVoided, disputed, judged",
        "slashed, tainted, rolledBack",
        "--dir=DIR",
        "--seed=N",
        "--job=FILE",
        "With -o json each line",
        "--quick",
        "-o, --output=FORMAT",
        "--chain-port=PORT",
        "--gateway-port=PORT",
        "--operator-port=PORT",
        "shardex demo --quick --seed 7",
        "it must be new or empty"
      })
  void helpTells(String part) {
    assertEquals(0, commandLine().execute("--help"));

    assertTrue(out.toString().contains(part), out.toString());
  }

  @Test
  void aReportThatCannotBeWrittenIsRefusedBeforeTheWork(@TempDir Path folder) {
    Trouble[] told = new Trouble[1];
    CommandLine line = commandLine();
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          told[0] = (Trouble) failure;
          return told[0].code().number();
        });

    int status = line.execute("--report", folder.resolve("no/such/report.json").toString());

    assertEquals(ExitCode.USAGE.number(), status);
    assertTrue(told[0].what().contains("cannot be written there"), told[0].what());
  }

  private CommandLine commandLine() {
    return new CommandLine(new DemoCommand())
        .setOut(new PrintWriter(out, true))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(120);
  }
}
