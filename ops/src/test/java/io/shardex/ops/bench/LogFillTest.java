package io.shardex.ops.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFillTest {
  @TempDir private Path net;

  @Test
  void aSnapshotOfAnyNodeCounts() throws IOException {
    snapshot("node-1", "snapshot.2_90");
    snapshot("node-2", "snapshot.10_120");
    snapshot("node-3", "snapshot.3_100");

    assertEquals(120, LogFill.newestSnapshot(net));
  }

  @Test
  void whatIsNotYetASnapshotDoesNotCount() throws IOException {
    snapshot("node-1", "snapshot.2_90");
    snapshot("node-1", "snapshot.2_90.md5");
    snapshot("node-2", "snapshot.2_500.tmp");
    snapshot("worker-1", "snapshot.2_600");

    assertEquals(90, LogFill.newestSnapshot(net));
  }

  @Test
  void withoutSnapshotsAllLiesBehind() throws IOException {
    Files.createDirectories(net.resolve("node-1").resolve("raft").resolve("group"));

    assertEquals(-1, LogFill.newestSnapshot(net));
  }

  private void snapshot(String node, String name) throws IOException {
    Path folder =
        Files.createDirectories(net.resolve(node).resolve("raft").resolve("group").resolve("sm"));
    Files.createFile(folder.resolve(name));
  }
}
