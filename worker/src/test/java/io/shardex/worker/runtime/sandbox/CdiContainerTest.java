package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A device of a specification in a real container: the host's /dev/loop-control under another name,
 * since there is no GPU; no container may open that one unasked. It is only opened. Runs where root
 * may make containers with runc, and is skipped by name elsewhere.
 */
@Timeout(120)
class CdiContainerTest {
  @TempDir Path folder;

  @Test
  void aDescribedDeviceCanBeUsedAndNoOther() throws Exception {
    Optional<OciRuntime> runc = OciRuntime.find(OciRuntime.Kind.RUNC);
    boolean root = "root".equals(System.getProperty("user.name"));
    if (runc.isEmpty() || !root) {
      System.out.println(
          "SKIPPED: a device in a container needs root and runc; root: %s, runc: %s"
              .formatted(root, runc.isPresent()));
    }
    assumeTrue(runc.isPresent() && root);
    Path specifications = Files.createDirectory(folder.resolve("cdi"));
    Files.writeString(
        specifications.resolve("test.yaml"),
        """
        cdiVersion: 0.6.0
        kind: test.org/device
        devices:
        - name: loops
          containerEdits:
            deviceNodes: [{path: /dev/card0, hostPath: /dev/loop-control}]
            env: [CARD=/dev/card0]
        """);
    HostPrograms image = HostPrograms.in(folder.resolve("image"));
    ContainerEdits device =
        CdiDevices.read(List.of(specifications)).edits(List.of("test.org/device=loops"));
    ContainerEdits edits =
        new ContainerEdits(device.devices(), image.edits().mounts(), device.environment());
    List<String> said = Collections.synchronizedList(new ArrayList<>());
    CommandRun run =
        new CommandRun(
            "cdi-" + ProcessHandle.current().pid(),
            List.of("sh", "-c", ": < $CARD && echo opened; ls /dev | grep -c -e card -e loop"),
            Map.of(),
            image.root(),
            Files.createDirectory(folder.resolve("in")),
            false,
            new SandboxLimits(64, 1_000, 8, 16, 100, Duration.ofSeconds(30), 4_096),
            false,
            Optional.empty(),
            edits);

    Sandbox sandbox = Sandbox.open(runc.get(), folder.resolve("sandbox"));
    try (Container container = sandbox.prepare(run)) {
      assertTrue(container.run(said::add, () -> false).succeeded(), said::toString);
    }

    assertEquals(List.of("opened", "1"), said);
    try (Stream<Path> left = Files.list(folder.resolve("sandbox/bundles"))) {
      assertEquals(List.of(), left.toList());
    }
  }
}
