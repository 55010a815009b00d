package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandPlan;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.grid.BlobGrid;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** A command job of two instances, with its blobs in a grid. */
public final class TinyCommand {
  static final String FILE =
      """
      apiVersion: shardex.io/v1
      kind: CommandJob
      metadata: {name: tiny}
      spec:
        command: [sh, run.sh]
        image: {format: tar, file: root.tar}
        inputs: [{name: run.sh, file: run.sh}]
        limits: {memoryMiB: 64, cpuMillis: 500, pids: 8, diskMiB: 8, minutes: 2, outputMiB: 1}
        shards: 2
        resources: {accelerator: any}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
      """;

  final CommandInputs inputs;
  public final Digest spec;
  private final CommandSpec command;
  private final Network network;
  private final Instant now;
  private final BlobGrid grid;

  /** Uploads all that the job needs. */
  public TinyCommand(Network network, Instant now, BlobGrid grid) throws JobRefused {
    this.network = network;
    this.now = now;
    this.grid = grid;
    JobFile file = JobFile.parse(FILE.getBytes(StandardCharsets.UTF_8));
    command = file.command();
    spec = upload(file.bytes());
    inputs = inputs(blob("the root file system"), blob("echo hello"));
  }

  static CommandInputs inputs(CommandInputs.Blob image, CommandInputs.Blob script) {
    return new CommandInputs(image, List.of(new CommandInputs.File("run.sh", script)));
  }

  public JobTerms terms() throws JobRefused {
    return terms(inputs);
  }

  /** The job made from these, whose description is uploaded. */
  JobTerms terms(CommandInputs other) throws JobRefused {
    Digest unused = upload(other.encoded());
    return CommandPlan.of(command, other, network, now).terms();
  }

  /** A blob that is in the grid. */
  CommandInputs.Blob blob(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new CommandInputs.Blob(upload(bytes), bytes.length);
  }

  /** One that is not. */
  static CommandInputs.Blob absent(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new CommandInputs.Blob(Manifest.of(bytes).id(), bytes.length);
  }

  public Digest upload(byte[] content) {
    return grid.store("builder", content);
  }
}
