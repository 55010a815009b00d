package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.worker.device.GpuFinding.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelLogTest {
  private static final String BUS = "0000:44:00";

  private static List<KernelLog.Xid> read(String log, Duration uptime) throws ToolFault {
    return new KernelLog(command -> Optional.of(log), () -> uptime).xids();
  }

  @Test
  void anErrorNamesItsGpuAndTheDriversWords() throws ToolFault {
    String log =
        """
        [    0.000000] Linux version 6.1.0
        [ 1843.308145] NVRM: Xid (PCI:0000:44:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.
        [ 1843.308150] NVRM: GPU 0000:44:00.0: GPU has fallen off the bus.
        """;

    List<KernelLog.Xid> xids = read(log, Duration.ofSeconds(1_850));

    assertEquals(
        List.of(
            new KernelLog.Xid(
                BUS,
                new GpuFinding(
                    Kind.XID,
                    "Xid 79: pid='<unknown>', name=<unknown>, GPU has fallen off the bus."))),
        xids);
  }

  @ParameterizedTest
  @ValueSource(strings = {" GPU-I:05", " GPU-CI:01", " GPU-I:05 GPU-CI:01"})
  void anErrorOfASliceIsItsCards(String slice) throws ToolFault {
    String log = "[ 10.0] NVRM: Xid (PCI:0000:44:00%s): 48, some words\n".formatted(slice);
    KernelLog.Xid xid = read(log, Duration.ofSeconds(20)).getFirst();
    assertEquals(BUS, xid.bus());
    assertEquals("Xid 48: some words", xid.finding().what());
  }

  @Test
  void anErrorCountsForTenMinutes() throws ToolFault {
    String log = "[ 1000.5] NVRM: Xid (PCI:0000:44:00): 48, An uncorrectable double bit error\n";
    assertEquals(1, read(log, Duration.ofSeconds(1_600)).size());
    assertEquals(List.of(), read(log, Duration.ofSeconds(1_601)));
  }

  @ParameterizedTest
  @CsvSource({
    "13,MINOR_XID",
    "31,MINOR_XID",
    "43,MINOR_XID",
    "45,MINOR_XID",
    "68,MINOR_XID",
    "109,MINOR_XID",
    "63,MINOR_XID",
    "92,MINOR_XID",
    "48,XID",
    "62,XID",
    "64,XID",
    "74,XID",
    "79,XID",
    "94,XID",
    "95,XID",
    "119,XID",
    "120,XID",
    "140,XID",
    "999,XID"
  })
  void errorsOfProgramsAndRepairsAreMinorAndAllOthersAreNot(int number, Kind kind)
      throws ToolFault {
    String log = "[ 10.0] NVRM: Xid (PCI:0000:44:00): %d, some words\n".formatted(number);
    assertEquals(kind, read(log, Duration.ofSeconds(20)).getFirst().finding().kind());
  }

  @ParameterizedTest
  @CsvSource({"00000000:44:00.0", "0000:44:00", "0000:44:00.0"})
  void aGpusPlaceHasOneForm(String text) {
    assertEquals(BUS, KernelLog.bus(text));
  }

  @Test
  void aLogThatMayNotBeReadIsAFault() {
    assertThrows(
        ToolFault.class,
        () ->
            new KernelLog(
                    command -> {
                      throw new ToolFault("dmesg", "Operation not permitted (exit code 1)");
                    },
                    () -> Duration.ZERO)
                .xids());
  }
}
