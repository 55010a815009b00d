package io.shardex.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** Commands of one kind. Without one of them, it shows which there are. */
@Command(
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n")
final class Group {
  private Group() {}

  static CommandLine of(String name, String description, String... examples) {
    CommandLine line = new CommandLine(new Group());
    CommandSpec spec = line.getCommandSpec().name(name);
    spec.usageMessage().description(description).footer(examples);
    return line;
  }
}
