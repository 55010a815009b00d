package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandJobFileTest {
  @Test
  void everyFieldIsRead() throws Exception {
    CommandSpec spec = Commands.parse(Commands.TRAIN);
    CommandSpec.Source.Blob corpus =
        new CommandSpec.Source.Blob(Digest.parse("ab".repeat(32)), 1_000);
    assertEquals(
        new CommandSpec(
            "my-training",
            List.of("python3", "train.py", "--epochs", "3"),
            new CommandSpec.Image(CommandSpec.Format.TAR, new CommandSpec.Source.File("root.tar")),
            List.of(
                new CommandSpec.Input("train.py", new CommandSpec.Source.File("train.py")),
                new CommandSpec.Input("corpus", corpus)),
            Map.of("LANG", "C.UTF-8", "GREETING", "a = b"),
            new CommandSpec.Limits(512, 1_500, 64, 256, 30, 8),
            true,
            Optional.of(new CheckpointEvery.Time(60_000)),
            4,
            "cpu",
            new JobSpec.Price(Amount.of(5_000_000), Amount.of(400_000)),
            new Deadline.After(Duration.ofHours(2))),
        spec);
    assertEquals(1, spec.rounds());
    assertEquals(8 << 20, spec.limits().outputBytes());
  }

  @Test
  void whatMayBeLeftOutHasNoNetworkNoInputsNoVariablesAndNoCheckpoints() throws Exception {
    String bare =
        Commands.TRAIN.replaceAll(
            "(?m)^  (  - .*|inputs:.*|environment:.*|network:.*|checkpoint:.*)\n", "");
    CommandSpec spec = Commands.parse(bare);
    assertFalse(spec.network());
    assertEquals(Optional.empty(), spec.checkpoint());
    assertEquals(List.of(), spec.inputs());
    assertEquals(Map.of(), spec.environment());
    assertFalse(Commands.with("network: true", "network: false").network());
  }

  @Test
  void anOciImageLayoutIsAnotherFormat() throws Exception {
    assertEquals(
        CommandSpec.Format.OCI, Commands.with("format: tar", "format: oci").image().format());
  }

  @Test
  void aFileIsEitherHereOrInTheGrid() {
    assertRefused(
        "line 6: spec.image: expected either file, or blob and bytes, but there is neither",
        "format: tar, file: root.tar",
        "format: tar");
    assertRefused("but there is blob alone", ", bytes: 1000", "");
    assertRefused("but there is both", "bytes: 1000", "bytes: 1000, file: corpus");
    assertRefused("but there is file and bytes", "file: train.py", "file: train.py, bytes: 7");
  }

  @Test
  void twoInputsOfOneNameAreRefused() {
    assertRefused(
        "line 9: spec.inputs[1].name: expected names that differ, but train.py is here twice",
        "name: corpus",
        "name: train.py");
  }

  @Test
  void namesThatLeadOutOfTheInputFolderAreRefused() {
    for (String name : List.of("../x", "a/b", ".hidden", "-x", "", "\"a\\tb\"")) {
      assertRefused("spec.inputs[1].name: expected a text such as", "corpus", name);
    }
  }

  @Test
  void variablesThatTheWorkerSetsAreRefused() {
    for (String name : List.of("RANK", "WORLD_SIZE", "MASTER_ADDR", "SHARDEX_OUT", "SHARDEX_")) {
      assertRefused(
          "spec.environment: the worker sets " + name + " itself", "LANG=C.UTF-8", name + "=1");
      assertTrue(CommandSpec.isReserved(name));
    }
    assertFalse(CommandSpec.isReserved("RANKS"));
  }

  @Test
  void aVariableThatIsHereTwiceIsRefused() {
    assertRefused("the variable LANG is here twice", "\"GREETING=a = b\"", "LANG=x");
    assertRefused("expected a text such as LANG=C", "LANG=C.UTF-8", "LANG");
  }

  @Test
  void everyLimitHasARange() {
    assertRefused(
        "spec.limits.memoryMiB: expected 16 to 1048576", "memoryMiB: 512", "memoryMiB: 8");
    assertRefused("spec.limits.cpuMillis", "cpuMillis: 1500", "cpuMillis: 99");
    assertRefused("spec.limits.pids", "pids: 64", "pids: 0");
    assertRefused("spec.limits.diskMiB", "diskMiB: 256", "diskMiB: 0");
    assertRefused("spec.limits.minutes: expected 1 to 10080", "minutes: 30", "minutes: 10081");
    assertRefused("spec.limits.outputMiB: expected 1 to 64", "outputMiB: 8", "outputMiB: 65");
    assertRefused("spec.shards", "shards: 4", "shards: 0");
    assertRefused("spec.network: expected true or false", "network: true", "network: maybe");
    assertRefused("spec.command", "[python3, train.py, --epochs, \"3\"]", "[]");
    assertRefused("put it in quotes", "\"3\"", "3");
    assertRefused("spec.environment: expected a list", "[LANG=C.UTF-8, \"GREETING=a = b\"]", "x");
    assertRefused(
        "expected 0 to 64 items, but there are 65",
        "[LANG=C.UTF-8, \"GREETING=a = b\"]",
        Collections.nCopies(65, "A=b").toString());
    assertRefused("spec.checkpoint.every: expected a text such as 30s", "1m", "200 steps");
    assertRefused("spec.deadline", "2h", "400d");
  }

  @Test
  void fieldsOfAnotherKindAreUnknown() {
    assertRefused(
        "spec.rounds: unknown field; the nearest known one is",
        "shards: 4",
        "shards: 4\n  rounds: 2");
    assertRefused(
        "spec.verification: unknown field", "shards: 4", "shards: 4\n  verification: {audit: 20%}");
  }

  @Test
  void theExampleOfTheManualCanBeRead() throws Exception {
    String manual = Files.readString(Repository.root().resolve("docs/commands.md"));
    int start = manual.indexOf("```yaml\n") + 8;
    CommandSpec spec = Commands.parse(manual.substring(start, manual.indexOf("```", start)));
    assertEquals("my-command", spec.name());
    assertEquals(30, spec.limits().minutes());
  }

  @Test
  void aKindThatNobodyKnowsIsToldTheKinds() {
    assertRefused(
        "line 2: kind: expected TrainingJob or CommandJob, but it is 'BatchJob'",
        "CommandJob",
        "BatchJob");
  }

  @Test
  void aCommandIsNoTraining() throws Exception {
    JobFile file = Jobs.parse(Commands.TRAIN);
    JobRefused refused = assertThrows(JobRefused.class, file::spec);
    assertEquals("kind: expected TrainingJob, but it is CommandJob", refused.getMessage());
  }

  private static void assertRefused(String part, String text, String other) {
    JobRefused refused =
        assertThrows(JobRefused.class, () -> Commands.with(text, other), () -> text + other);
    assertTrue(String.valueOf(refused.getMessage()).contains(part), refused.toString());
  }
}
