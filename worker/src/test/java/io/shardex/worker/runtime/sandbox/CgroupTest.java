package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files as the kernel's documentation of both versions shows them. */
class CgroupTest {
  @TempDir Path fileSystem;

  @Test
  void version1HasATreeForMemory() throws Exception {
    Path at = Files.createDirectories(fileSystem.resolve("memory/shardex/x"));
    Files.writeString(at.resolve("memory.max_usage_in_bytes"), "67108864\n");
    Files.writeString(
        at.resolve("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");

    Cgroup cgroup = new Cgroup(fileSystem, "/shardex/x");

    assertEquals(OptionalLong.of(67_108_864), cgroup.peakBytes());
    assertEquals(2, cgroup.killedAtMemoryLimit());
  }

  @Test
  void version2HasOneTree() throws Exception {
    Path at = Files.createDirectories(fileSystem.resolve("shardex/x"));
    Files.writeString(at.resolve("memory.peak"), "1048576\n");
    Files.writeString(
        at.resolve("memory.events"),
        "low 0\nhigh 0\nmax 25\noom 1\noom_kill 1\noom_group_kill 0\n");

    Cgroup cgroup = new Cgroup(fileSystem, "/shardex/x");

    assertEquals(OptionalLong.of(1_048_576), cgroup.peakBytes());
    assertEquals(1, cgroup.killedAtMemoryLimit());
  }

  @Test
  void aKernelThatTellsNothingIsAsked() {
    Cgroup cgroup = new Cgroup(fileSystem, "/shardex/x");

    assertEquals(OptionalLong.empty(), cgroup.peakBytes());
    assertEquals(0, cgroup.killedAtMemoryLimit());
  }
}
