package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFiguresTest {
  private static final String STAT =
      "77 (a) b (c) S 1 77 77 0 -1 4194560 1 2 3 4 250 150 1000 25 20 0 1 0 5 6 7 8\n";

  @TempDir private Path folder;

  @Test
  void aNameWithBracketsShiftsNoField() {
    assertEquals(
        Optional.of(new ProcessFigures(2048, 4.0, 10.25)),
        ProcessFigures.parse("Name:\ta) b (c\nVmHWM:\t    2048 kB\nVmRSS:\t 9 kB\n", STAT));
  }

  @Test
  void aZombieHasNoFigures() {
    assertEquals(Optional.empty(), ProcessFigures.parse("Name:\ta\nState:\tZ (zombie)\n", STAT));
  }

  @Test
  void aProcessThatIsGoneHasNoFigures() {
    assertEquals(Optional.empty(), ProcessFigures.of(Integer.MAX_VALUE));
  }

  @Test
  void ownAndChildPeaksAddUp() {
    long own = ProcessFigures.totalPeakRssKib().orElseThrow();
    long twice = ProcessFigures.totalPeakRssKib(ProcessHandle.current().pid()).orElseThrow();

    assertTrue(own > 10_000, own + " KiB");
    assertTrue(twice >= 2 * own, twice + " KiB");
  }

  @Test
  void theTimeOfAnEndedChildIsKept() throws Exception {
    double before =
        ProcessFigures.of(ProcessHandle.current().pid()).orElseThrow().reapedCpuSeconds();
    String burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    try (TetheredProcess child =
        TetheredProcess.start(List.of("sh", "-c", burn), folder.resolve("log"))) {
      assertEquals(0, child.exit().get(60, TimeUnit.SECONDS));
    }
    double after =
        ProcessFigures.of(ProcessHandle.current().pid()).orElseThrow().reapedCpuSeconds();

    assertTrue(after > before, "before " + before + " s, after " + after + " s");
    assertFalse(ProcessFigures.totalCpuSeconds() < after);
  }
}
