package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceClaimsTest {

  @TempDir Path folder = Path.of("set by JUnit");

  private static Gpus eight() {
    return recorded("constructed-nvidia-eight-v100s.xml");
  }

  private static Gpus recorded(String file) {
    return Gpus.of(new RecordedTool().with("nvidia-smi -q -x", file));
  }

  private static String id(int number) {
    return eight().readings().get(number).gpu().id();
  }

  private DeviceClaims take(Map<String, Placement> slots) throws IOException {
    return take(slots, eight());
  }

  private DeviceClaims take(Map<String, Placement> slots, Gpus here) throws IOException {
    return DeviceClaims.take(slots, () -> here, folder);
  }

  private static Placement gpu(String name, int percent) {
    return new Placement(Optional.empty(), Optional.of(new GpuShare(name, percent)));
  }

  private static Placement cpus(String text) {
    return new Placement(Optional.of(CpuSet.parse(text)), Optional.empty());
  }

  private void refused(String why, Map<String, Placement> slots) {
    IOException refused = assertThrows(IOException.class, () -> take(new TreeMap<>(slots)));
    assertEquals(why, String.valueOf(refused.getMessage()));
  }

  @Test
  void gpusAreNamedByTheirIdOrTheirNumber() throws IOException {
    try (DeviceClaims claims = take(Map.of("a", gpu("3", 100), "b", gpu(id(4), 100)))) {
      assertEquals(id(3), claims.gpu("a").orElseThrow().id());
      assertEquals(id(4), claims.gpu("b").orElseThrow().id());
    }
  }

  @Test
  void slotsThatNameNothingAskNoDriver() throws IOException {
    try (DeviceClaims claims =
        DeviceClaims.take(
            Map.of("a", Placement.ANYWHERE),
            () -> {
              throw new AssertionError("the driver was asked");
            },
            folder)) {
      assertEquals(Optional.empty(), claims.gpu("a"));
    }
  }

  @Test
  void sharesOfOneGpuComeToTheWholeAtMost() throws IOException {
    take(Map.of("a", gpu("0", 60), "b", gpu(id(0), 40))).close();
    refused(
        "the shares of GPU %s come to 101 %%, with that of slot b".formatted(id(0)),
        Map.of("a", gpu("0", 60), "b", gpu(id(0), 41)));
  }

  @Test
  void aGpuThatIsNotHereIsNamed() {
    IOException refused =
        assertThrows(IOException.class, () -> take(Map.of("a", gpu("GPU-x", 100)), none()));
    assertEquals("slot a is to have GPU GPU-x, and here is none", refused.getMessage());
  }

  private static Gpus none() {
    return new Gpus(List.of(), List.of());
  }

  @Test
  void aCardThatIsCutIntoSlicesIsNotSoldBesideThem() throws IOException {
    Gpus sliced = recorded("nvidia-a100-mig.xml");
    String slice = sliced.readings().getFirst().gpu().id();
    String card = slice.substring(0, slice.indexOf('/'));

    IOException refused =
        assertThrows(
            IOException.class,
            () -> take(Map.of("a", gpu(card, 100), "b", gpu(slice, 100)), sliced));

    assertEquals(
        "slot a is to have GPU %s, which is cut into slices; name one of %s"
            .formatted(
                card, sliced.readings().stream().map(reading -> reading.gpu().id()).toList()),
        refused.getMessage());
    take(Map.of("b", gpu(slice, 100)), sliced).close();
  }

  @Test
  void anotherMakersGpuIsRefused() {
    Gpus amd = Gpus.of(new RecordedTool().with("rocm-smi", "rocm-smi-mi100.json"));
    IOException refused =
        assertThrows(IOException.class, () -> take(Map.of("a", gpu("0", 100)), amd));
    assertEquals(
        "slot a is to have GPU %s of AMD, and leases can be given NVIDIA's only"
            .formatted(amd.readings().getFirst().gpu().id()),
        refused.getMessage());
  }

  @Test
  void processorsThatAreNotThereOrAreNamedTwiceAreRefused() throws IOException {
    CpuSet all = CpuSet.ofThisThread();
    int first = all.numbers().first();
    refused(
        "slot a is to run on processor 4000, and this process may use " + all,
        Map.of("a", cpus("4000")));
    refused(
        "slots a and b are both to run on processor " + first,
        Map.of("a", cpus("" + first), "b", cpus("" + first)));
  }

  @Test
  void processorsThatNothingCanBeBoundToAreRefusedAtTheClaim() throws IOException {
    CpuSet all = CpuSet.ofThisThread();
    int first = all.numbers().first();

    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                DeviceClaims.take(
                    Map.of("a", cpus("" + first)),
                    DeviceClaimsTest::eight,
                    folder,
                    program -> Optional.empty()));

    assertEquals(
        "slot a: processors %d need taskset, which this host does not have; it is in util-linux"
            .formatted(first),
        refused.getMessage());
    // What was locked for it is free again, and the thread that tried it was not this one.
    take(Map.of("a", cpus("" + first))).close();
    assertEquals(all, CpuSet.ofThisThread());
  }

  @Test
  void lockFilesLieWhereLinuxHasThemAlsoIfTheyCannotBeWrittenThere() throws IOException {
    Path usual = Files.createDirectory(folder.resolve("lock"));
    Files.setPosixFilePermissions(usual, PosixFilePermissions.fromString("r-xr-xr-x"));
    assertEquals(usual, DeviceClaims.folder(usual));
    assertNotEquals(folder.resolve("none"), DeviceClaims.folder(folder.resolve("none")));
  }

  @Test
  void whatOneAgentHasNoOtherGets() throws IOException {
    int processor = CpuSet.ofThisThread().numbers().first();
    Map<String, Placement> gpu = Map.of("a", gpu("2", 50));
    Map<String, Placement> cpu = Map.of("a", cpus("" + processor));
    DeviceClaims first = take(gpu);
    DeviceClaims second = take(cpu);
    try (first;
        second) {
      refused(
          "GPU %s is sold by another agent of this host, which has locked %s"
              .formatted(id(2), folder.resolve("shardex-gpu-" + id(2))),
          gpu);
      refused(
          "processor %d is sold by another agent of this host, which has locked %s"
              .formatted(processor, folder.resolve("shardex-cpu-" + processor)),
          cpu);
    }
    take(gpu).close();
    take(cpu).close();
  }

  @Test
  void aLinkInALockFilesPlaceIsNotFollowed() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "x");
    Files.createSymbolicLink(folder.resolve("shardex-gpu-" + id(0)), victim);
    assertThrows(IOException.class, () -> take(Map.of("a", gpu("0", 100))));
    assertEquals("x", Files.readString(victim));
  }
}
