package io.shardex.cli.command;

import io.shardex.protocol.key.Passphrase;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The terminal this process was started at. The system is asked, not the console object: from JDK
 * 22 on there is one without a terminal behind it, too.
 */
final class Terminal implements Surroundings.Prompt {
  /** Whether standard output understands cursor movement; no where the system has no /proc. */
  static boolean isOutput() {
    return isTerminal(1) && !"dumb".equals(System.getenv("TERM"));
  }

  @Override
  public Optional<char[]> ask(String question) {
    return console().flatMap(console -> Passphrase.prompt(console, question));
  }

  @Override
  public Optional<String> askOpenly(String question) {
    return console().flatMap(console -> Optional.ofNullable(console.readLine("%s: ", question)));
  }

  private static Optional<Console> console() {
    return Optional.ofNullable(System.console()).filter(console -> isTerminal(0));
  }

  private static boolean isTerminal(int descriptor) {
    try {
      return Path.of("/proc/self/fd/" + descriptor)
          .toRealPath()
          .toString()
          .matches("/dev/(pts/[0-9]+|tty.*|console)");
    } catch (IOException e) {
      return false;
    }
  }
}
