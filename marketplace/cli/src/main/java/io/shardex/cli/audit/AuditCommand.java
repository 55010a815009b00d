package io.shardex.cli.audit;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code audit}: check the whole network without believing it. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Export the log, or replay it and compare it with validators, nodes and chain.",
    subcommands = {AuditExport.class, AuditVerify.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex audit verify                       replay the log, compare with nodes and chain",
      "  shardex audit export --out log.shardex     take the log along"
    })
public final class AuditCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to audit: export or verify");
  }

  /** The command line of its own, for programs that do not have a larger one. */
  public static CommandLine commandLine() {
    return new CommandLine(new AuditCommand());
  }
}
