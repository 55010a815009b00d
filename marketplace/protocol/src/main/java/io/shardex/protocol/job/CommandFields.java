package io.shardex.protocol.job;

import static io.shardex.protocol.job.Shape.Field.optional;
import static io.shardex.protocol.job.Shape.Field.required;

import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.Shape.Choice;
import io.shardex.protocol.job.Shape.Field;
import io.shardex.protocol.job.Shape.Fields;
import io.shardex.protocol.job.Shape.Items;
import io.shardex.protocol.job.Shape.Text;
import io.shardex.protocol.job.Shape.Truth;
import io.shardex.protocol.job.Shape.Whole;

/** The table of all fields of a job file of kind {@code CommandJob}. */
final class CommandFields {
  static final int MAX_INPUTS = 32;
  static final int MAX_INPUT_NAME = 128;
  static final String INPUT_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

  private static final Field FILE =
      optional("file", "A file to upload, relative to the job file.", JobFields.PATH);
  private static final Field BLOB =
      optional(
          "blob",
          "In place of a file: a blob that the grid holds already.",
          Text.of("[0-9a-f]{64}", "the 64 hexadecimal digits of a blob id"));
  private static final Field BYTES =
      optional("bytes", "The length of that blob.", new Whole(1, Manifest.MAX_BYTES));

  private static final Fields IMAGE =
      Fields.of(
          required(
              "format",
              "A tar of the files themselves, or of an OCI image layout.",
              Choice.of("tar", "oci")),
          FILE,
          BLOB,
          BYTES);

  private static final Fields INPUT =
      Fields.of(
          required(
              "name",
              "What the command finds it as in its input folder.",
              Text.of(INPUT_NAME, "train.py")),
          FILE,
          BLOB,
          BYTES);

  private static final Fields LIMITS =
      Fields.of(
          required("memoryMiB", "Memory of one instance.", new Whole(16, 1 << 20)),
          required("cpuMillis", "Thousandths of a processor.", new Whole(100, 256_000)),
          required("pids", "Processes and threads at a time.", new Whole(1, 4_096)),
          required("diskMiB", "What it may have written at a time.", new Whole(1, 1 << 20)),
          required(
              "minutes",
              "Running time after which an instance is stopped; the most that is paid for, in all"
                  + " its leases together.",
              new Whole(1, 10_080)),
          required(
              "outputMiB",
              "The most a tar of its output folder, or of its checkpoint folder, may have.",
              new Whole(1, CommandSpec.MAX_OUTPUT_MIB)));

  private static final Fields SPEC =
      Fields.of(
          required(
              "command",
              "The program and its arguments; no shell reads them.",
              new Items(Text.of("[^\\x00]{1,4096}", "python3"), 1, 64)),
          required("image", "The root file system, read-only.", IMAGE),
          optional("inputs", "Files for its input folder.", new Items(INPUT, 0, MAX_INPUTS)),
          optional(
              "environment",
              "Variables; those that the worker sets, such as RANK and SHARDEX_*, may not be here.",
              new Items(Text.of("[A-Za-z_][A-Za-z0-9_]{0,63}=[^\\x00]{0,1024}", "LANG=C"), 0, 64)),
          required("limits", "What one instance may use.", LIMITS),
          optional(
              "network",
              "Whether it needs the internet: only workers whose owners allow that run it; no by"
                  + " default.",
              new Truth()),
          optional(
              "checkpoint",
              "Saves what is in its checkpoint folder, for another worker to go on with, and pays"
                  + " for its time until then; absent, a lost instance begins anew.",
              Fields.of(
                  required(
                      "every",
                      "How often that is done: 30s, 10m or 1h.",
                      Text.of("[1-9][0-9]{0,5}[smh]", "30s")))),
          required(
              "shards",
              "Instances that run side by side; each is told RANK and WORLD_SIZE.",
              new Whole(1, 10_000)),
          required(
              "resources",
              "The machines the job wants.",
              Fields.of(
                  required("accelerator", "A resource class, or any.", JobFields.RESOURCE_CLASS))),
          required("price", "Money, in whole tokens with at most 6 decimals.", JobFields.PRICE),
          required(
              "deadline",
              "From submission, as 90s, 30m, 12h or 3d; or an ISO-8601 instant.",
              JobFields.DEADLINE));

  static final Fields ROOT = JobFields.root("CommandJob", SPEC);

  private CommandFields() {}
}
