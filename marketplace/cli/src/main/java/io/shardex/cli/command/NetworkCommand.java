package io.shardex.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command over a network: resolves the settings, opens a session, and closes it. */
@Command(
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n")
abstract class NetworkCommand implements Callable<Integer> {
  private final Surroundings around;

  @Spec private CommandSpec spec;
  @Mixin private ConnectionOptions options = new ConnectionOptions();

  // picocli fills the spec in before anything runs.
  @SuppressWarnings("NullAway.Init")
  NetworkCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public final Integer call() throws Exception {
    CommandLine line = spec.commandLine();
    Settings settings = Settings.resolve(options.flags(), around);
    Screen screen = new Screen(line.getOut(), line.getErr(), settings.json(), around.terminal());
    try (Session session = new Session(settings, around)) {
      run(session, screen);
    }
    return 0;
  }

  /** Does the work; whatever it throws is told to the user. */
  abstract void run(Session session, Screen screen) throws Exception;
}
