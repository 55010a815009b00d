package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AmdGpusTest {
  private static final RecordedTool MI210 =
      new RecordedTool()
          .with("amd-smi static", "amd-smi-static-mi210.json")
          .with("amd-smi metric", "constructed-amd-smi-metric.json")
          .with("amd-smi process", "constructed-amd-smi-process.json");

  @Test
  void rocmSmiTellsOfFourCards() throws ToolFault {
    List<GpuReading> readings =
        new RocmSmi(new RecordedTool().with("rocm-smi", "rocm-smi-mi100.json"))
            .read()
            .orElseThrow()
            .readings();

    assertEquals(4, readings.stream().map(reading -> reading.gpu().id()).distinct().count());
    Gpu gpu = readings.get(1).gpu();
    assertEquals(32_752, gpu.vramMiB());
    assertEquals("amd-mi100-32g-pcie", gpu.resources().name());
    GpuHealth health = readings.get(1).health();
    assertEquals(OptionalInt.of(58), health.temperatureC());
    assertEquals(OptionalInt.of(300), health.clockMhz());
    assertEquals(OptionalInt.of(290), health.powerLimitWatts());
    assertEquals(OptionalLong.of(32_752 - 6), health.freeVramMiB());
    assertEquals(List.of(), health.reasons(Set.of()));
  }

  @Test
  void amdSmiTellsOfTheCardWithItsConstructedMetricsAndProcess() throws ToolFault {
    GpuReading reading = new AmdSmi(MI210).read().orElseThrow().readings().getFirst();

    // Its slot_type reads OAM, though an MI210 is a card.
    assertEquals("amd-mi210-64g-pcie", reading.gpu().resources().name());
    GpuHealth health = reading.health();
    assertEquals(OptionalInt.of(74), health.temperatureC());
    assertEquals(OptionalInt.of(100), health.slowdownC());
    assertEquals(OptionalInt.of(1_700), health.clockMhz());
    assertEquals(OptionalInt.of(300), health.powerLimitWatts());
    assertEquals(OptionalInt.of(300), health.usualPowerLimitWatts());
    assertEquals(List.of(new GpuProcess(4_242, "python3", 16_384)), health.processes());
    assertEquals(
        List.of("3 memory errors since its driver was loaded could not be corrected"),
        health.reasons(Set.of(4_242L)));
  }

  @Test
  void noProcessIsNoneAndMemoryThatNobodyHoldsIsAReason() throws ToolFault {
    RecordedTool tool =
        new RecordedTool()
            .with("amd-smi static", "amd-smi-static-mi210.json")
            .with("amd-smi metric", "constructed-amd-smi-metric.json")
            .with("amd-smi process", "constructed-amd-smi-no-process.json");

    GpuHealth health = new AmdSmi(tool).read().orElseThrow().readings().getFirst().health();

    assertEquals(List.of(), health.processes());
    assertEquals(
        "17153 of its 65520 MiB are held by nobody the driver names",
        health.reasons(Set.of()).getLast());
  }

  @Test
  void wordsBeforeTheJsonAreSkippedAndOtherWordsAreAFault() throws ToolFault {
    Tool warns =
        command ->
            Optional.of(
                "WARNING: a GPU is asleep\n\n{\"card0\": {\"VRAM Total Memory (B)\": \"1073741824\"}}\n");
    Tool complains = command -> Optional.of("ERROR: no amdgpu devices");

    assertEquals(
        1_024, new RocmSmi(warns).read().orElseThrow().readings().getFirst().gpu().vramMiB());
    ToolFault fault = assertThrows(ToolFault.class, () -> new RocmSmi(complains).read());
    assertEquals("rocm-smi: its answer is no JSON: ERROR: no amdgpu devices", fault.getMessage());
  }

  @Test
  void amdSmiTakesRocmSmisPlace() {
    Gpus gpus = Gpus.of(MI210.with("rocm-smi", "rocm-smi-mi100.json"));

    assertEquals(1, gpus.readings().size());
    assertEquals(List.of(), gpus.faults());
  }

  @Test
  void aMachineWithoutProgramsHasNoGpusAndNoFaults() {
    assertEquals(new Gpus(List.of(), List.of()), Gpus.of(new RecordedTool()));
  }

  @Test
  void aMakersFaultHidesNoOtherMakersGpus() {
    Tool tool =
        command -> {
          if (command.getFirst().equals("nvidia-smi")) {
            throw new ToolFault("nvidia-smi", "no driver");
          }
          return command.getFirst().equals("rocm-smi")
              ? new RecordedTool().with("rocm-smi", "rocm-smi-mi100.json").run(command)
              : Optional.empty();
        };

    Gpus gpus = Gpus.of(tool);

    assertEquals(4, gpus.readings().size());
    assertEquals("nvidia-smi: no driver", gpus.faults().getFirst().getMessage());
  }
}
