package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The NVIDIA file is constructed after the public format: there was no GPU to record one on. */
class CdiDevicesTest {
  private static final ContainerEdits.Device CONTROL =
      new ContainerEdits.Device("/dev/nvidiactl", "c", 195, 255);

  @TempDir Path folder;
  private Path etc;
  private Path run;

  @BeforeEach
  void folders() throws IOException {
    etc = Files.createDirectory(folder.resolve("etc"));
    run = Files.createDirectory(folder.resolve("run"));
  }

  @Test
  void aGpuBringsItsNodeItsDriverAndNoOtherGpu() throws Exception {
    nvidia();

    CdiDevices devices = read();
    ContainerEdits edits = devices.edits(List.of("nvidia.com/gpu=1"));

    assertEquals(Set.of("nvidia.com/gpu=0", "nvidia.com/gpu=1"), devices.names());
    assertEquals(
        List.of(CONTROL, new ContainerEdits.Device("/dev/nvidia1", "c", 195, 1)), edits.devices());
    assertEquals(Map.of("NVIDIA_VISIBLE_DEVICES", "void"), edits.environment());
  }

  @Test
  void twoGpusShareOneDriver() throws Exception {
    nvidia();

    ContainerEdits edits = read().edits(List.of("nvidia.com/gpu=0", "nvidia.com/gpu=1"));

    assertEquals(3, edits.devices().size());
    assertEquals(1, edits.mounts().size());
  }

  @Test
  void mountsAreReadOnlyWhateverTheFileSays() throws Exception {
    nvidia();

    ContainerEdits edits = read().edits(List.of("nvidia.com/gpu=0"));

    assertEquals(List.of("ro", "nosuid", "nodev"), edits.mounts().getFirst().options());
  }

  @Test
  void numbersThatAreNotGivenAreTheHosts() throws Exception {
    device("{\"deviceNodes\": [{\"path\": \"/dev/x\", \"hostPath\": \"/dev/null\"}]}");

    assertEquals(List.of(new ContainerEdits.Device("/dev/x", "c", 1, 3)), edits().devices());
  }

  @Test
  void aFileIsNoDevice() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    device("{\"deviceNodes\": [{\"path\": \"/dev/x\", \"hostPath\": \"%s\"}]}".formatted(file));

    assertRefused("to be a device");
  }

  @Test
  void hooksAreRefusedByName() throws Exception {
    device("{\"hooks\": [{\"hookName\": \"createContainer\", \"path\": \"/usr/bin/nvidia-ctk\"}]}");

    assertRefused("asks for hooks");
  }

  @Test
  void nodesOutsideOfDevAreRefused() throws Exception {
    device("{\"deviceNodes\": [{\"path\": \"/etc/x\", \"hostPath\": \"/dev/null\"}]}");
    assertRefused("to lie in /dev");

    device("{\"deviceNodes\": [{\"path\": \"/dev/../etc/x\", \"hostPath\": \"/dev/null\"}]}");
    assertRefused("without '..'");
  }

  @Test
  void mountsOverTheSandboxsPlacesAreRefused() throws Exception {
    for (String target : List.of("/", "/proc", "/shardex/out", "/dev/sda", "/tmp/x")) {
      device(
          "{\"mounts\": [{\"hostPath\": \"/usr/lib\", \"containerPath\": \"%s\"}]}"
              .formatted(target));
      assertRefused("to the sandbox");
    }
  }

  @Test
  void variablesHaveNames() throws Exception {
    device("{\"env\": [\"no name\"]}");

    assertRefused("NAME=value");
  }

  @Test
  void aDeviceThatIsNotThereIsNamedBesideThoseThatAre() throws Exception {
    nvidia();

    SandboxFailure failure =
        assertThrows(SandboxFailure.class, () -> read().edits(List.of("nvidia.com/gpu=7")));

    assertTrue(failure.getMessage().contains("gpu=7"), failure::getMessage);
    assertTrue(failure.getMessage().contains("nvidia.com/gpu=1"), failure::getMessage);
  }

  @Test
  void theLaterFolderWins() throws Exception {
    write(etc, "a.json", "{\"env\": [\"FROM=etc\"]}", "0.6.0");
    write(run, "b.json", "{\"env\": [\"FROM=run\"]}", "0.6.0");

    assertEquals(Map.of("FROM", "run"), edits().environment());
  }

  @Test
  void oneFolderDescribesADeviceOnce() throws Exception {
    write(etc, "a.json", "{}", "0.6.0");
    write(etc, "b.json", "{}", "0.6.0");

    SandboxFailure failure = assertThrows(SandboxFailure.class, this::read);
    assertTrue(failure.getMessage().contains("remove one"), failure::getMessage);
  }

  @Test
  void aVersionThatIsNotKnownIsRefused() throws Exception {
    write(etc, "a.json", "{}", "9.0.0");

    SandboxFailure failure = assertThrows(SandboxFailure.class, this::read);
    assertTrue(failure.getMessage().contains("'9.0.0'"), failure::getMessage);
  }

  @Test
  void aFileThatIsTooLargeIsNotRead() throws Exception {
    Files.writeString(etc.resolve("a.yaml"), "#".repeat((2 << 20) + 1));

    SandboxFailure failure = assertThrows(SandboxFailure.class, this::read);
    assertTrue(failure.getMessage().contains("at most"), failure::getMessage);
  }

  @Test
  void aHostWithoutSpecificationsHasNoDevices() throws Exception {
    assertEquals(Set.of(), CdiDevices.read(List.of(folder.resolve("none"))).names());
  }

  private void nvidia() throws IOException {
    try (InputStream file = getClass().getResourceAsStream("cdi-nvidia.yaml")) {
      Files.copy(Objects.requireNonNull(file), etc.resolve("nvidia.yaml"));
    }
  }

  private void device(String edits) throws IOException {
    write(etc, "device.json", edits, "0.6.0");
  }

  private static void write(Path folder, String name, String edits, String version)
      throws IOException {
    Files.writeString(
        folder.resolve(name),
        "{\"cdiVersion\": \"%s\", \"kind\": \"test.org/device\", \"devices\": [{\"name\": \"0\", \"containerEdits\": %s}]}"
            .formatted(version, edits));
  }

  private CdiDevices read() throws SandboxFailure {
    return CdiDevices.read(List.of(etc, run));
  }

  private ContainerEdits edits() throws SandboxFailure {
    return read().edits(List.of("test.org/device=0"));
  }

  private void assertRefused(String why) {
    SandboxFailure failure = assertThrows(SandboxFailure.class, this::edits);
    assertTrue(failure.getMessage().contains(why), failure::getMessage);
  }
}
