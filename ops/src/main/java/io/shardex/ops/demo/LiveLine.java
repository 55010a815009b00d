package io.shardex.ops.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Lines that stay and, below them on a terminal, one or a few that are written over again and
 * again. Safe for several threads.
 */
final class LiveLine {
  /** Not wider than the narrowest usual terminal: a line that wraps could not be erased. */
  private static final int WIDTH = 79;

  private static final String ERASE = "\r\u001b[2K";
  private static final String UP = "\u001b[1A";

  private final PrintWriter out;
  private final boolean terminal;
  private int shown;

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
  void show(String line) {
    show(List.of(line));
  }

  /** Shows lines until the next ones. */
  synchronized void show(List<String> lines) {
    if (terminal) {
      erase();
      out.print(
          lines.stream()
              .map(line -> line.substring(0, Math.min(WIDTH, line.length())))
              .collect(Collectors.joining(System.lineSeparator())));
      out.flush();
      shown = lines.size();
    }
  }

  private void erase() {
    if (shown > 0) {
      out.print(ERASE + (UP + ERASE).repeat(shown - 1));
      shown = 0;
    }
  }
}
