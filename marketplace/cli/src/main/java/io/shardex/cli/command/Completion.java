package io.shardex.cli.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code shardex completion}. */
@Command(
    name = "completion",
    description = "Prints what makes bash complete this command's words.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(shardex completion)                           for this shell",
      "  shardex completion > /etc/bash_completion.d/shardex    for everybody",
    })
final class Completion implements Callable<Integer> {
  @Spec private CommandSpec spec;

  // picocli fills the spec in before anything runs.
  @SuppressWarnings("NullAway.Init")
  Completion() {}

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    spec.commandLine().getOut().print(AutoComplete.bash(spec.root().name(), root));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
