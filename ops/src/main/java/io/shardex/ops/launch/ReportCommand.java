package io.shardex.ops.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What can be done with the files that {@code demo --report} writes. */
@Command(
    name = "report",
    description = "Works on the reports of demo.",
    mixinStandardHelpOptions = true,
    hidden = true)
final class ReportCommand {
  @Spec private CommandSpec spec;

  // picocli fills the spec in before anything runs.
  @SuppressWarnings("NullAway.Init")
  ReportCommand() {}

  @Command(
      name = "check",
      description = "Checks accuracy, conservation of money and equal states in reports.",
      mixinStandardHelpOptions = true)
  int check(@Parameters(arity = "1..*", paramLabel = "FILE") List<Path> files) {
    PrintWriter out = spec.commandLine().getOut();
    boolean sound = true;
    for (Path file : files) {
      List<String> faults = ReportCheck.faults(read(file));
      faults.forEach(fault -> out.println(file + ": " + fault));
      if (faults.isEmpty()) {
        out.println(file + ": sound");
      }
      sound &= faults.isEmpty();
    }
    out.flush();
    return (sound ? ExitCode.OK : ExitCode.FAILED).number();
  }

  private static JsonNode read(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new Trouble(
          ExitCode.USAGE,
          file + " is not a report: " + e.getMessage(),
          "Write one with 'shardex demo --report FILE'",
          e);
    }
  }
}
