package io.shardex.ops.faultlab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.ops.localnet.TetheredProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** {@code shardex job watch} of one job, a process that lives as long as the job. */
final class Watching implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TetheredProcess process;
  private final Path output;

  private Watching(TetheredProcess process, Path output) {
    this.process = process;
    this.output = output;
  }

  static Watching start(Commands commands, String job) throws IOException {
    Path output = commands.newFile("watch");
    return new Watching(
        TetheredProcess.start(commands.line("job", "watch", job, "-o", "json"), output), output);
  }

  /** Rounds closed so far, as far as the watch has heard. */
  int closed() {
    int most = 0;
    for (JsonNode event : events()) {
      if (event.path("event").asText().equals("round")) {
        most = Math.max(most, event.path("round").asInt());
      }
    }
    return most;
  }

  /** The job's phase as last heard; empty before. */
  String phase() {
    String phase = "";
    for (JsonNode event : events()) {
      phase = event.path("phase").asText(phase);
    }
    return phase;
  }

  /** The exit status of the watch, which ends when all is paid. */
  OptionalInt status() {
    return process.exit().isDone() ? OptionalInt.of(process.exit().join()) : OptionalInt.empty();
  }

  /** What it printed, for messages. */
  String said() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return "nothing";
    }
  }

  private List<JsonNode> events() {
    return said()
        .lines()
        .filter(line -> line.startsWith("{") && line.endsWith("}"))
        .map(Watching::parsed)
        .toList();
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      return JSON.nullNode();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
