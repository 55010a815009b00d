package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodePackagesTest {
  @TempDir private Path folder;
  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void lockFile() throws IOException {
    Files.writeString(folder.resolve("package-lock.json"), "{}");
    Files.createDirectory(folder.resolve("bin"));
  }

  @Test
  void aMissingNodeIsNamed() {
    assertTrue(trouble().what().contains("no 'node' on the PATH"));
  }

  @Test
  void anOldNodeIsNamedWithItsVersion() throws Exception {
    program("node", "echo v18.19.0");

    Trouble trouble = trouble();

    assertTrue(trouble.what().contains("Node 20 or later is needed"), trouble.what());
    assertTrue(trouble.what().contains("v18.19.0"), trouble.what());
  }

  @Test
  void aMissingNpmIsNamed() throws Exception {
    program("node", "echo v20.0.0");

    assertTrue(trouble().what().contains("no 'npm' on the PATH"));
  }

  @Test
  void aFailingNpmIsToldWithItsStatusAndLog() throws Exception {
    program("node", "echo v20.0.0");
    program("npm", "echo the registry is away >&2; exit 5");

    Trouble trouble = trouble();

    assertTrue(trouble.what().contains("ended with status 5"), trouble.what());
    assertEquals("the registry is away\n", Files.readString(folder.resolve("npm.log")));
    assertFalse(Files.exists(folder.resolve("node_modules")));
  }

  @Test
  void npmRunsOnlyWhenTheLockFileIsNotWhatIsInstalled() throws Exception {
    program("node", "echo v22.1.0");
    program("npm", "mkdir -p \"$2/node_modules\"; echo \"$@\" >>\"$2/calls\"");

    packages().install(progress::add);
    packages().install(progress::add);
    assertEquals(1, Files.readAllLines(folder.resolve("calls")).size());
    assertEquals(1, progress.size());

    Files.writeString(folder.resolve("package-lock.json"), "{ }");
    packages().install(progress::add);

    List<String> calls = Files.readAllLines(folder.resolve("calls"));
    assertEquals(2, calls.size());
    assertTrue(calls.getFirst().contains("ci --ignore-scripts"), calls.getFirst());
  }

  @Test
  void theFolderIsTheDistributionsUnlessOneIsNamed() {
    assertEquals(Path.of("/home/ops/localnet"), NodePackages.folderOf(Map.of(), "/home"));
    assertEquals(folder, NodePackages.folderOf(Map.of("SHARDEX_LOCALNET", folder + "/."), "/home"));
  }

  @Test
  void aFolderWithoutALockFileIsNamed() throws Exception {
    Files.delete(folder.resolve("package-lock.json"));
    Files.createDirectory(folder.resolve("node_modules"));
    Files.writeString(folder.resolve("node_modules/.shardex-installed.json"), "{}");

    Trouble trouble = trouble();

    assertTrue(trouble.what().contains("package-lock.json"), trouble.what());
    assertTrue(trouble.fix().contains("SHARDEX_LOCALNET"), trouble.fix());
  }

  @Test
  void majorsAreReadAndAnythingElseCountsAsNone() {
    assertEquals(20, NodePackages.major("v20.20.2"));
    assertEquals(24, NodePackages.major("24.0.0-pre"));
    assertEquals(0, NodePackages.major(""));
    assertEquals(0, NodePackages.major("node"));
  }

  private NodePackages packages() {
    return new NodePackages(folder, Map.of("PATH", folder.resolve("bin").toString()));
  }

  private Trouble trouble() {
    Trouble trouble = assertThrows(Trouble.class, () -> packages().install(progress::add));
    assertEquals(ExitCode.ENVIRONMENT, trouble.code());
    return trouble;
  }

  private void program(String name, String script) throws IOException {
    Path file = folder.resolve("bin").resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
