package io.shardex.ops.role;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.client.ClientFailure;
import java.io.PrintWriter;

/**
 * Checks one thing after the other, and prints each as it is made: ok, or what is wrong and its
 * fix.
 */
final class Checklist {
  private final PrintWriter out;
  private final boolean json;
  private final ObjectNode object = JsonNodeFactory.instance.objectNode();
  private final ArrayNode list = object.putArray("checks");
  private int wrong;

  /**
   * An empty list.
   *
   * @param json whether to print one object at the end instead of lines
   */
  Checklist(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** One check: returns what it found, or throws {@link Trouble} or {@link ClientFailure}. */
  interface Check {
    String look();
  }

  /** Makes a check; returns whether all is well. */
  boolean check(String name, Check check) {
    try {
      String found = check.look();
      line("ok   %-10s %s".formatted(name, found));
      list.addObject().put("check", name).put("ok", true).put("detail", found);
      return true;
    } catch (Trouble e) {
      return wrong(name, e.what(), e.fix());
    } catch (ClientFailure e) {
      return wrong(
          name,
          String.valueOf(e.getMessage()),
          "See whether the node runs, and this machine's way to it");
    }
  }

  private boolean wrong(String name, String what, String fix) {
    wrong++;
    line("NO   %-10s %s".formatted(name, what));
    line("     %-10s %s".formatted("", fix));
    list.addObject().put("check", name).put("ok", false).put("detail", what).put("fix", fix);
    return false;
  }

  /** Ends the list; throws {@link Trouble} if something is wrong. */
  void end() {
    if (json) {
      out.println(object.put("ok", wrong == 0));
      out.flush();
    }
    if (wrong > 0) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          "%d of %d checks failed".formatted(wrong, list.size()),
          "Mend what is marked NO above");
    }
  }

  private void line(String text) {
    if (!json) {
      out.println(text);
      out.flush();
    }
  }
}
