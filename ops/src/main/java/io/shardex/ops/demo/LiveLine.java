package io.shardex.ops.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * Lines that stay and, below them on a terminal, one that is written over again and again. Safe for
 * several threads.
 */
final class LiveLine {
  /** Not wider than the narrowest usual terminal: a line that wraps could not be erased. */
  private static final int WIDTH = 79;

  private static final String ERASE = "\r\u001b[2K";

  private final PrintWriter out;
  private final boolean terminal;
  private boolean shown;

  private LiveLine(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Lines for a terminal. */
  static LiveLine terminal(PrintWriter out) {
    return new LiveLine(out, true);
  }

  /** Lines for a file or a pipe: what changes all the time is left out. */
  static LiveLine plain(PrintWriter out) {
    return new LiveLine(out, false);
  }

  /**
   * Whether standard output is a terminal that understands cursor movement; no where the system has
   * no {@code /proc}. From JDK 22 on there is a console object without a terminal behind it, too.
   */
  static boolean isTerminal() {
    try {
      String standardOutput = Path.of("/proc/self/fd/1").toRealPath().toString();
      return standardOutput.matches("/dev/(pts/[0-9]+|tty.*|console)")
          && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Prints a line that stays. */
  synchronized void print(String line) {
    erase();
    out.println(line);
    out.flush();
  }

  /** Shows a line until the next one. */
  synchronized void show(String line) {
    if (terminal) {
      erase();
      out.print(line.substring(0, Math.min(WIDTH, line.length())));
      out.flush();
      shown = true;
    }
  }

  private void erase() {
    if (shown) {
      out.print(ERASE);
      shown = false;
    }
  }
}
