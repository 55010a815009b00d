package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {
  @Test
  void oneCardIsReadAndIsWell() throws ToolFault {
    GpuReading reading = read("nvidia-rtx-2080.xml").getFirst();

    assertEquals("NVIDIA GeForce RTX 2080", reading.gpu().name());
    assertEquals("nvidia-rtx-2080-8g-pcie", reading.gpu().resources().name());
    GpuHealth health = reading.health();
    assertEquals(OptionalInt.of(15), health.temperatureC());
    assertEquals(OptionalInt.of(97), health.slowdownC());
    assertEquals(OptionalInt.of(300), health.clockMhz());
    assertEquals(OptionalInt.of(2160), health.mostClockMhz());
    assertEquals(OptionalInt.of(215), health.powerLimitWatts());
    assertEquals(OptionalInt.of(215), health.usualPowerLimitWatts());
    assertEquals(OptionalLong.of(7786), health.freeVramMiB());
    assertEquals(List.of(), health.reasons(Set.of()));
  }

  @Test
  void aCardWithALoweredPowerLimitSaysSo() throws ToolFault {
    GpuReading reading = read("nvidia-rtx-3090-capped.xml").getFirst();

    assertEquals("nvidia-rtx-3090-24g-pcie", reading.gpu().resources().name());
    assertEquals(
        List.of("its power limit is 200 W, less than 80 % of its 350 W"),
        reading.health().reasons(Set.of()));
  }

  @Test
  void eachMigSliceIsAGpuOfItsOwn() throws ToolFault {
    List<GpuReading> readings = read("nvidia-a100-mig.xml");

    assertEquals(4, readings.size());
    assertEquals(4, readings.stream().map(reading -> reading.gpu().id()).distinct().count());
    for (GpuReading reading : readings) {
      assertEquals(19_968, reading.gpu().vramMiB());
      assertEquals("nvidia-a100-20g-sxm-14sm", reading.gpu().resources().name());
      assertEquals(OptionalLong.of(19_955), reading.health().freeVramMiB());
      assertEquals(List.of(), reading.health().reasons(Set.of()));
    }
  }

  @Test
  void aCardInMigModeWithoutSlicesIsNoGoodToAnybody() throws ToolFault {
    RecordedTool recorded = new RecordedTool().with("nvidia-smi", "nvidia-a100-mig.xml");
    Tool unsliced =
        command ->
            recorded
                .run(command)
                .map(text -> text.replaceAll("(?s)<mig_device>.*</mig_device>", "None"));

    GpuReading reading = new NvidiaSmi(unsliced).read().orElseThrow().readings().getFirst();

    assertEquals("nvidia-a100-80g-sxm", reading.gpu().resources().name());
    assertEquals(
        List.of("its MIG mode is on, and it is cut into no slices"),
        reading.health().reasons(Set.of()));
  }

  @Test
  void eightCardsAreToldApartAndOnlyTheBusyOneHasAForeignProcess() throws ToolFault {
    List<GpuReading> readings = read("constructed-nvidia-eight-v100s.xml");

    assertEquals(8, readings.stream().map(reading -> reading.gpu().id()).distinct().count());
    assertEquals(
        Set.of("nvidia-v100s-32g-pcie"),
        Set.copyOf(
            readings.stream()
                .map(reading -> reading.gpu().resources().name())
                .distinct()
                .toList()));
    GpuHealth busy = readings.getFirst().health();
    assertEquals(List.of(new GpuProcess(37_305, "python", 31_683)), busy.processes());
    assertEquals(
        List.of("foreign process 37305 (python) holds 31683 MiB of it"), busy.reasons(Set.of()));
    assertEquals(List.of(), busy.reasons(Set.of(37_305L)));
    for (GpuReading idle : readings.subList(1, 8)) {
      assertEquals(List.of(), idle.health().reasons(Set.of()));
    }
  }

  @Test
  void aConstructedCardOffTheBusIsReportedInTheDriversWords() throws ToolFault {
    List<GpuReading> readings = read("constructed-nvidia-lost.xml");

    assertEquals(List.of(), readings.get(0).health().reasons(Set.of()));
    GpuHealth lost = readings.get(1).health();
    assertEquals(OptionalInt.empty(), lost.temperatureC());
    assertEquals(
        List.of(
            "temperature/gpu_temp reads 'GPU is lost'",
            "clocks/sm_clock reads 'GPU is lost'",
            "utilization/gpu_util reads 'GPU is lost'",
            "fb_memory_usage/free reads 'GPU is lost'"),
        lost.reasons(Set.of()));
  }

  @Test
  void aCardThatTellsNothingHidesNoOtherCard() throws ToolFault {
    RecordedTool constructed = new RecordedTool().with("nvidia-smi", "constructed-nvidia-lost.xml");
    Tool tool =
        command ->
            constructed
                .run(command)
                .map(text -> text.replaceFirst("<total>32510 MiB", "<total>GPU is lost"));

    Gpus gpus = new NvidiaSmi(tool).read().orElseThrow();

    assertEquals(1, gpus.readings().size());
    assertEquals(
        "nvidia-smi: GPU 00000000:00:0D.0 has no memory but 'GPU is lost'",
        gpus.faults().getFirst().getMessage());
  }

  @Test
  void heatSlowClocksAndMemoryErrorsAreReasons() throws ToolFault {
    assertEquals(
        List.of(
            "its clocks are held down: hw_thermal_slowdown",
            "retired_pages/pending_retirement says Yes",
            "2 memory errors since its driver was loaded could not be corrected",
            "it is 87 C hot and slows down from 87 C"),
        read("constructed-nvidia-sick.xml").getFirst().health().reasons(Set.of()));
  }

  @Test
  void aMachineWithoutTheProgramHasNoSuchGpus() throws ToolFault {
    assertEquals(Optional.empty(), new NvidiaSmi(new RecordedTool()).read());
  }

  @Test
  void whatIsNoXmlIsAFault() {
    Tool tool = command -> Optional.of("Segmentation fault");

    ToolFault fault = assertThrows(ToolFault.class, () -> new NvidiaSmi(tool).read());
    assertTrue(
        String.valueOf(fault.getMessage()).startsWith("nvidia-smi: its answer is no XML"),
        fault.toString());
  }

  /** A driver that is not what it seems to be must not make the agent read its host's files. */
  @Test
  void entitiesOutsideTheAnswerAreNotRead() {
    Tool tool =
        command ->
            Optional.of(
                """
                <?xml version="1.0"?>
                <!DOCTYPE nvidia_smi_log [<!ENTITY name SYSTEM "file:///etc/hostname">]>
                <nvidia_smi_log><gpu id="1"><product_name>x&name;y</product_name><uuid>u</uuid>
                <fb_memory_usage><total>1024 MiB</total></fb_memory_usage></gpu></nvidia_smi_log>
                """);

    try {
      assertEquals(
          "xy", new NvidiaSmi(tool).read().orElseThrow().readings().getFirst().gpu().name());
    } catch (ToolFault refused) {
      assertTrue(String.valueOf(refused.getMessage()).contains("no XML"), refused.toString());
    }
  }

  private static List<GpuReading> read(String file) throws ToolFault {
    return new NvidiaSmi(new RecordedTool().with("nvidia-smi -q -x", file))
        .read()
        .orElseThrow()
        .readings();
  }
}
