package io.shardex.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A command job of two instances in a folder; {@link SmallJob#NETWORK} would take it. */
public final class SmallCommand {
  private static final String TEXT =
      """
      apiVersion: shardex.io/v1
      kind: CommandJob
      metadata: {name: small-command}
      spec:
        command: [sh, run.sh]
        image: {format: tar, file: root.tar}
        inputs: [{name: run.sh, file: run.sh}]
        limits: {memoryMiB: 64, cpuMillis: 500, pids: 8, diskMiB: 8, minutes: 30, outputMiB: 1}
        shards: 2
        resources: {accelerator: any}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
      """;

  private SmallCommand() {}

  /** Writes the job and its files; gives the job file. */
  public static Path in(Path folder) throws IOException {
    Files.writeString(folder.resolve("root.tar"), "a root file system");
    Files.writeString(folder.resolve("run.sh"), "echo hello");
    return Files.writeString(folder.resolve("command.yaml"), TEXT);
  }
}
