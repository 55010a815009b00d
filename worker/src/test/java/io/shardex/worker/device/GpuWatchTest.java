package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.worker.device.GpuFinding.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over scripts in the place of the driver's programs. */
class GpuWatchTest {
  private static final String CARD = "GPU-00000000-0000-0000-0000-000000000001";
  private static final long OWN = 4_242;

  @TempDir Path folder = Path.of("set by JUnit");
  private Duration uptime = Duration.ofHours(1);
  private int percent = 100;

  @BeforeEach
  void aWellMachine() throws Exception {
    card("40, 300, 2160, 215.00, 215.00, 8192, 7786, 0, 0x1");
    processes();
    script("dmesg", "true");
  }

  /** What nvidia-smi says of the card, and of another one that nobody watches. */
  private void card(String figures) throws Exception {
    Files.writeString(
        folder.resolve("cards"),
        CARD
            + ", 00000000:03:00.0, "
            + figures
            + "\nGPU-other, 00000000:04:00.0, 40, 300, 2160,"
            + " 215.00, 215.00, 8192, 7786, 0, 0x1\n");
    script(
        "nvidia-smi", "case \"$*\" in *compute-apps*) cat $0.apps;; *) cat ${0%/*}/cards;; esac");
  }

  private void processes(String... lines) throws Exception {
    Files.write(folder.resolve("nvidia-smi.apps"), Arrays.asList(lines));
  }

  private void script(String name, String lines) throws Exception {
    Path script = folder.resolve(name);
    Files.writeString(script, "#!/bin/sh\n" + lines + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private GpuWatch watch() {
    GpuReading at =
        Gpus.of(new RecordedTool().with("nvidia-smi -q -x", "nvidia-rtx-2080.xml"))
            .readings()
            .getFirst();
    assertEquals(CARD, at.gpu().id());
    return new GpuWatch(
        new TreeMap<>(Map.of("slot", new GpuWatch.Watched(at, new GpuShare("0", percent)))),
        // A path for cat, and no other nvidia-smi.
        new BoundedTool(List.of(folder), Duration.ofSeconds(30), 100_000),
        () -> Set.of(OWN),
        () -> uptime);
  }

  private static List<GpuFinding> look(GpuWatch watch) {
    return Objects.requireNonNull(watch.look().get("slot")).findings();
  }

  private List<Kind> kinds() {
    return look(watch()).stream().map(GpuFinding::kind).toList();
  }

  private static GpuFinding.Effect worst(List<Kind> kinds) {
    return kinds.stream()
        .map(Kind::effect)
        .max(Comparator.naturalOrder())
        .orElse(GpuFinding.Effect.TOLD);
  }

  @Test
  void aCardThatIsWellHasNoFindings() {
    assertEquals(List.of(), kinds());
  }

  @Test
  void theLeasesOwnProcessIsNoForeignOne() throws Exception {
    card("70, 1980, 2160, 215.00, 215.00, 8192, 1000, 0, 0x0");
    processes(CARD + ", 4242, 6786, java");
    assertEquals(List.of(), kinds());

    processes(CARD + ", 4242, 6000, java", CARD + ", 999, 786, python");
    List<GpuFinding> findings = look(watch());
    assertEquals("foreign process 999 (python) holds 786 MiB of it", findings.getFirst().what());
    assertEquals(
        GpuFinding.Effect.NO_NEW_LEASE, worst(findings.stream().map(GpuFinding::kind).toList()));
  }

  @Test
  void ofAShareTheRestIsTheOwners() throws Exception {
    percent = 50;
    card("70, 1980, 2160, 215.00, 215.00, 8192, 4000, 0, 0x0");
    processes(CARD + ", 999, 3786, python");
    assertEquals(List.of(), kinds());

    card("70, 1980, 2160, 215.00, 215.00, 8192, 3000, 0, 0x0");
    assertEquals(
        List.of("only 3000 MiB are left for slots, and this one's share is 4096 MiB"),
        look(watch()).stream().map(GpuFinding::what).toList());
    processes(CARD + ", 4242, 1000, java", CARD + ", 999, 3786, python");
    assertEquals(List.of(), kinds());
  }

  @Test
  void aCardOffTheBusEndsTheLeaseAlsoWhenTheProgramTellsOfNoCard() throws Exception {
    String words =
        "Unable to determine the device handle for GPU 0000:03:00.0: GPU is lost."
            + " Reboot the system to recover this GPU";
    script("nvidia-smi", "echo '" + words + "'; exit 15");

    assertEquals(
        List.of(new GpuFinding(Kind.SILENT, "nvidia-smi: " + words + " (exit code 15)")),
        look(watch()));
    assertEquals(GpuFinding.Effect.ENDS_LEASE, Kind.SILENT.effect());
  }

  @Test
  void anotherCardOffTheBusIsNoneOfTheSlotsBusiness() throws Exception {
    script(
        "nvidia-smi",
        "case \"$*\" in *'-i "
            + CARD
            + "'*compute-apps*) ;; *'-i "
            + CARD
            + "'*) head -n 1 ${0%/*}/cards;; *) echo 'GPU 0000:04:00.0: GPU is lost'; exit 15;;"
            + " esac");
    assertEquals(List.of(), kinds());
  }

  @Test
  void aCardThatVanishedIsNamed() throws Exception {
    Files.writeString(folder.resolve("cards"), "");
    assertEquals("nvidia-smi: it does not tell of GPU " + CARD, look(watch()).getFirst().what());
  }

  @Test
  void anXidOfTheCardEndsTheLeaseAndOneOfAnotherDoesNot() throws Exception {
    script("dmesg", "echo '[ 3590.1] NVRM: Xid (PCI:0000:04:00): 79, GPU has fallen off the bus.'");
    assertEquals(List.of(), kinds());
    script("dmesg", "echo '[ 3590.1] NVRM: Xid (PCI:0000:03:00): 31, pid=1, MMU Fault'");
    assertEquals(List.of(Kind.MINOR_XID), kinds());
    script("dmesg", "echo '[ 3590.1] NVRM: Xid (PCI:0000:03:00): 95, Uncontained error'");
    assertEquals(List.of(new GpuFinding(Kind.XID, "Xid 95: Uncontained error")), look(watch()));
    assertEquals(GpuFinding.Effect.ENDS_LEASE, Kind.XID.effect());
    uptime = uptime.plusMinutes(11);
    assertEquals(List.of(), kinds());
  }

  @Test
  void aLogThatMayNotBeReadIsToldAndNoMore() throws Exception {
    script("dmesg", "echo 'dmesg: read kernel buffer failed: Operation not permitted' >&2; exit 1");
    assertEquals(List.of(Kind.LOG_UNREADABLE), kinds());
    assertEquals(GpuFinding.Effect.TOLD, worst(kinds()));
  }

  @Test
  void heatIsToldAndAfterAMinuteTakesNoNewLease() throws Exception {
    card("97, 300, 2160, 215.00, 215.00, 8192, 7786, 0, 0x40");
    GpuWatch watch = watch();
    assertEquals(
        List.of(Kind.SLOWED, Kind.HOT), look(watch).stream().map(GpuFinding::kind).toList());
    uptime = uptime.plusSeconds(59);
    assertEquals(2, look(watch).size());
    uptime = uptime.plusSeconds(1);
    assertEquals(
        new GpuFinding(Kind.HOT_FOR_LONG, "it has been that hot for 60 s"), look(watch).getLast());
    card("90, 300, 2160, 215.00, 215.00, 8192, 7786, 0, 0x0");
    assertEquals(List.of(), look(watch));
    card("97, 300, 2160, 215.00, 215.00, 8192, 7786, 0, 0x0");
    assertEquals(1, look(watch).size());
  }

  @Test
  void aPowerLimitThatIsLoweredTakesNoNewLease() throws Exception {
    card("60, 1200, 2160, 150.00, 215.00, 8192, 7786, 0, 0x4");
    assertEquals(List.of(Kind.POWER_CAPPED), kinds());
    assertEquals(GpuFinding.Effect.NO_NEW_LEASE, worst(kinds()));
  }

  @Test
  void memoryErrorsEndTheLease() throws Exception {
    card("60, 1200, 2160, 215.00, 215.00, 8192, 7786, 2, 0x0");
    assertEquals(List.of(Kind.MEMORY_ERRORS), kinds());
    assertEquals(GpuFinding.Effect.ENDS_LEASE, worst(kinds()));
  }

  @Test
  void aSliceIsReadWithItsCardsXids() {
    Gpus sliced = Gpus.of(new RecordedTool().with("nvidia-smi -q -x", "nvidia-a100-mig.xml"));
    GpuReading slice = sliced.readings().getFirst();
    String card = slice.gpu().id().substring(0, slice.gpu().id().indexOf('/'));
    Tool tool =
        command -> {
          String line = String.join(" ", command);
          if (line.equals("dmesg")) {
            return Optional.of("[ 3590.1] NVRM: Xid (PCI:0000:03:00): 94, Contained error\n");
          }
          if (line.contains("--query-gpu")) {
            return Optional.of(
                card + ", 00000000:03:00.0, 40, 300, 1410, 400, 400, 81920, [N/A], 0, 0x1\n");
          }
          return line.contains("compute-apps")
              ? Optional.of("")
              : new RecordedTool().with("nvidia-smi -q -x", "nvidia-a100-mig.xml").run(command);
        };
    GpuWatch watch =
        new GpuWatch(
            Map.of("slot", new GpuWatch.Watched(slice, new GpuShare(slice.gpu().id(), 100))),
            tool,
            Set::of,
            () -> uptime);

    assertEquals(
        List.of("Xid 94: Contained error"), look(watch).stream().map(GpuFinding::what).toList());
    assertTrue(Objects.requireNonNull(watch.look().get("slot")).temperatureC().isPresent());
  }
}
