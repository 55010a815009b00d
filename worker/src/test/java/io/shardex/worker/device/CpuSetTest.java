package io.shardex.worker.device;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0;0", "0-3;0-3", "0-3,8;0-3,8", "3,1,2;1-3", "0,1,4,5,7;0-1,4-5,7", " 2 , 4 ;2,4"})
  void processorsAreWrittenAsLinuxDoes(String text, String shown) {
    assertEquals(shown, CpuSet.parse(text).toString());
    assertEquals(CpuSet.parse(text), CpuSet.parse(shown));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "3-1", "0-", "4096", "0-3;1", "0,,1"})
  void whatAreNoProcessorsIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> CpuSet.parse(text));
  }

  @Test
  void theThreadAndWhatItStartsRunOnTheseProcessorsOnly() throws Exception {
    CpuSet all = CpuSet.ofThisThread();
    CpuSet last = CpuSet.parse(String.valueOf(all.numbers().last()));
    try (ExecutorService bound = Executors.newSingleThreadExecutor()) {
      bound
          .submit(
              () -> {
                last.bindThisThread();
                return null;
              })
          .get();
      assertEquals(last, bound.submit(CpuSet::ofThisThread).get());
      assertEquals(last, bound.submit(CpuSetTest::ofAnotherThread).get());
      assertEquals("" + last, bound.submit(CpuSetTest::ofAProcess).get());
    }
    assertEquals(all, CpuSet.ofThisThread());
  }

  /** Of a thread that the calling one starts, as a trainer's helpers are. */
  private static CpuSet ofAnotherThread() throws InterruptedException {
    CpuSet[] seen = new CpuSet[1];
    Thread helper =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    seen[0] = CpuSet.ofThisThread();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    helper.join();
    return seen[0];
  }

  /** Of a process, as libtorch's is. */
  private static String ofAProcess() throws IOException {
    Process process = new ProcessBuilder("grep", "Cpus_allowed_list", "/proc/self/status").start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return said.substring(said.indexOf('\t')).strip();
  }

  @Test
  void processorsThatAreNotThereAreNamed() {
    IOException refused =
        assertThrows(IOException.class, () -> CpuSet.parse("4000").bindThisThread());
    assertTrue(String.valueOf(refused.getMessage()).startsWith("processors 4000: "));
  }

  @Test
  void aHostWithoutTasksetSaysWhatBringsIt() {
    IOException refused =
        assertThrows(
            IOException.class, () -> CpuSet.parse("0").bindThisThread(any -> Optional.empty()));
    assertTrue(String.valueOf(refused.getMessage()).contains("it is in util-linux"));
  }
}
