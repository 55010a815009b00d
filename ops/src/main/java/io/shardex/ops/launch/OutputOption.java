package io.shardex.ops.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** {@code -o}: whether a command prints for people or for programs. */
public final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (text).")
  private Output output = Output.TEXT;

  /** Whether people read it. */
  public boolean isText() {
    return output == Output.TEXT;
  }

  /** Prints the one or the other. */
  public void print(PrintWriter out, Supplier<JsonNode> object, Runnable text) {
    if (isText()) {
      text.run();
    } else {
      out.println(object.get());
    }
    out.flush();
  }
}
