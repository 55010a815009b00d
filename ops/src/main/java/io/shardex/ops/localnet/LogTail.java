package io.shardex.ops.localnet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The last line of another program's log, for an error text. */
public final class LogTail {
  private LogTail() {}

  public static String of(Path log) {
    return of(log, "");
  }

  /** The last line that begins so, else the last line. */
  public static String of(Path log, String beginning) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      Optional<String> last =
          lines.stream().filter(line -> line.startsWith(beginning)).reduce((a, b) -> b);
      return lines.isEmpty()
          ? "it said nothing"
          : "'" + last.orElseGet(lines::getLast).strip() + "'";
    } catch (IOException e) {
      return "it said nothing";
    }
  }
}
