package io.shardex.ops.localnet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The last line of another program's log, for an error text. */
public final class LogTail {
  private LogTail() {}

  public static String of(Path log) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      return lines.isEmpty() ? "it said nothing" : "'" + lines.getLast().strip() + "'";
    } catch (IOException e) {
      return "it said nothing";
    }
  }
}
