package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HelpTest {
  @TempDir private Path home;

  // JUnit fills the folder in.
  @SuppressWarnings("NullAway.Init")
  HelpTest() {}

  @Test
  void everyCommandHasADescriptionAndExamples() throws Exception {
    List<String> bare = new ArrayList<>();
    int[] seen = {0};
    Rig.in(home)
        .commandLine()
        .getSubcommands()
        .values()
        .forEach(command -> walk(command, bare, seen));

    assertEquals(List.of(), bare);
    assertTrue(seen[0] >= 25, "only " + seen[0] + " commands were seen");
  }

  private static void walk(CommandLine command, List<String> bare, int[] seen) {
    seen[0]++;
    String help = command.getUsageMessage();
    String name = command.getCommandSpec().qualifiedName();
    boolean shows =
        help.contains("Examples:")
            && (help.contains("  shardex ") || help.contains("source <(shardex"));
    if (!shows || command.getCommandSpec().usageMessage().description().length == 0) {
      bare.add(name);
    }
    command.getSubcommands().values().forEach(below -> walk(below, bare, seen));
  }

  @Test
  void bashLearnsEveryCommand() throws Exception {
    String script = Rig.in(home).run("completion");

    assertTrue(script.contains("_complete_shardex"), script);
    assertTrue(script.contains("why-not"), script);
    assertTrue(script.contains("--passphrase-file"), script);
  }
}
