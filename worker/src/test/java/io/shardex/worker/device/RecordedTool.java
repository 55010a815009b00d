package io.shardex.worker.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Plays back what programs said; knows no program that was not recorded. */
final class RecordedTool implements Tool {
  private final Map<String, String> files = new HashMap<>();

  /** The file that a command line beginning like this is answered with. */
  RecordedTool with(String beginning, String file) {
    files.put(beginning, file);
    return this;
  }

  @Override
  public Optional<String> run(List<String> command) {
    String line = String.join(" ", command);
    return files.entrySet().stream()
        .filter(entry -> line.startsWith(entry.getKey()))
        .findFirst()
        .map(entry -> text(entry.getValue()));
  }

  private static String text(String file) {
    try (InputStream stream =
        Objects.requireNonNull(RecordedTool.class.getResourceAsStream(file), file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
