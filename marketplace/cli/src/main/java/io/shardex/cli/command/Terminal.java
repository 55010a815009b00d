package io.shardex.cli.command;

import io.shardex.protocol.key.Passphrase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The terminal this process was started at. The system is asked, not the console object: from JDK
 * 22 on there is one without a terminal behind it, too.
 */
final class Terminal {
  private Terminal() {}

  /** Whether standard output understands cursor movement; no where the system has no /proc. */
  static boolean isOutput() {
    return isTerminal(1) && !"dumb".equals(System.getenv("TERM"));
  }

  /** Asks without echo; empty when nobody sits there. */
  static Optional<char[]> passphrase(String question) {
    return Optional.ofNullable(System.console())
        .filter(console -> isTerminal(0))
        .flatMap(console -> Passphrase.prompt(console, question));
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
