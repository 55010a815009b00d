package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a command's words go. People get lines; programs get objects, a line each, and what is said
 * to people meanwhile goes to standard error.
 */
final class Screen {
  private static final int WIDTH = 79;
  private static final String ERASE = "\r\u001b[2K";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;
  private final boolean terminal;
  private boolean shown;

  Screen(PrintWriter out, PrintWriter err, boolean json, boolean terminal) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.terminal = terminal;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A line for people. */
  synchronized void line(String text) {
    if (!json) {
      erase();
      out.println(text);
      out.flush();
    }
  }

  /** An object for programs. */
  synchronized void object(ObjectNode object) {
    if (json) {
      out.println(object);
      out.flush();
    }
  }

  /** What happens meanwhile. */
  synchronized void note(String text) {
    if (json) {
      err.println(text);
      err.flush();
    } else {
      line(text);
    }
  }

  /** A line that the next one takes the place of; left out where that cannot be. */
  synchronized void live(String text) {
    if (terminal && !json) {
      erase();
      out.print(text.substring(0, Math.min(WIDTH, text.length())));
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

  /** Columns as wide as their widest cell. */
  void table(List<String> heads, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(heads);
    all.addAll(rows);
    int[] widths = new int[heads.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        text.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      line(text.toString().stripTrailing());
    }
  }
}
