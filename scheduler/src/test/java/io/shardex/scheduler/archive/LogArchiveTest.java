package io.shardex.scheduler.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogArchiveTest {
  private static final NetworkId NETWORK = new NetworkId(31_337, new Address(1, 2, 3));

  @TempDir Path folder;

  @Test
  void whatWasAppendedIsReadAgainWithTheGapsThatRaftLeft() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2, 5, 6);

      assertEquals(List.of("-1>1", "1>2", "2>5", "5>6"), read(archive, 0, 0));
      assertEquals(List.of("2>5"), read(archive, 3, 5));
      assertEquals(List.of(), read(archive, 3, 4));
      assertEquals(List.of(new IndexRange(0, 6)), archive.ranges());
      assertEquals(0, archive.firstIndex());
    }
  }

  @Test
  void entriesThatTheLogAppliesAgainAfterARestartArePassedOver() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2, 3);
    }
    try (LogArchive archive = open()) {
      long before = archive.bytes();
      append(archive, 2, 3);
      assertEquals(before, archive.bytes());
      append(archive, 4);
      assertEquals(List.of("-1>1", "1>2", "2>3", "3>4"), read(archive, 0, 0));
    }
  }

  @Test
  void whatACrashLeftOfAnEntryIsCutOffAndTheEntryWrittenAgain() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2, 3);
    }
    Path file = folder.resolve("open.log");
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 1; cut < 20; cut++) {
      Files.write(file, Arrays.copyOf(whole, whole.length - cut));
      try (LogArchive archive = open()) {
        assertEquals(List.of("-1>1", "1>2"), read(archive, 0, 0), "cut by " + cut);
        append(archive, 3);
        assertEquals(List.of("-1>1", "1>2", "2>3"), read(archive, 0, 0));
      }
    }
  }

  @Test
  void anAlteredEntryEndsWhatIsBelieved() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2, 3);
    }
    Path file = folder.resolve("open.log");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 6] ^= 1;
    Files.write(file, bytes);

    try (LogArchive archive = open()) {
      assertEquals(List.of(new IndexRange(0, 2)), archive.ranges());
      assertEquals(archive.bytes(), Files.size(file), "what follows is no part of the file");
    }
  }

  @Test
  void aSnapshotLeavesAHoleAndItsIndicesAreRefusedByName() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2);
      archive.restored(9);
      append(archive, 8, 9, 11);
    }
    try (LogArchive archive = open()) {
      assertEquals(List.of(new IndexRange(0, 2), new IndexRange(10, 11)), archive.ranges());
      assertEquals(10, archive.firstIndex());
      assertEquals(List.of("9>11"), read(archive, 10, 0));
      assertEquals(
          "asked for log indices 2 to 11, but this node's archive holds 0 to 2, 10 to 11",
          assertThrows(NotArchived.class, () -> archive.read(2, 11)).getMessage());
      assertThrows(NotArchived.class, () -> archive.read(5, 0));
      assertThrows(NotArchived.class, () -> archive.read(12, 0));
    }
  }

  @Test
  void aRestoredSnapshotOfWhatIsHeldMakesNoHole() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1, 2);
      archive.restored(2);
      append(archive, 3);
      assertEquals(List.of(new IndexRange(0, 3)), archive.ranges());
    }
  }

  @Test
  void aLongArchiveIsCutIntoFilesNamedByTheirIndices() throws IOException {
    try (LogArchive archive = LogArchive.open(folder, NETWORK, 300)) {
      for (long index = 1; index <= 40; index++) {
        append(archive, index);
      }
      assertTrue(Files.exists(folder.resolve("%020d-%020d.log".formatted(0, 8))), this::names);
    }
    try (LogArchive archive = LogArchive.open(folder, NETWORK, 300)) {
      append(archive, 41);
      assertEquals(List.of(new IndexRange(0, 41)), archive.ranges());
      assertEquals(41, read(archive, 0, 0).size());
      assertEquals(List.of("16>17", "17>18"), read(archive, 17, 18));
      assertEquals(archive.bytes(), bytesOnDisk(), "what is written is counted, header and frames");
    }
  }

  @Test
  void anArchiveOfAnotherNetworkIsRefused() throws IOException {
    try (LogArchive archive = open()) {
      append(archive, 1);
    }
    NetworkId other = new NetworkId(1, new Address(1, 2, 3));
    IOException refused =
        assertThrows(IOException.class, () -> LogArchive.open(folder, other, 1 << 20));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("expected the log of network eip155:1:"));
  }

  @Test
  void afterAFailureToWriteNothingGoesOn() throws IOException {
    try (LogArchive archive = open()) {
      Files.createDirectory(folder.resolve("open.log"));
      UncheckedIOException failed =
          assertThrows(UncheckedIOException.class, () -> append(archive, 1));
      assertTrue(
          String.valueOf(failed.getMessage())
              .startsWith("the log archive in " + folder + " cannot be written at index 1: "));
      Files.delete(folder.resolve("open.log"));
      assertThrows(UncheckedIOException.class, () -> append(archive, 2));
    }
  }

  private LogArchive open() throws IOException {
    return LogArchive.open(folder, NETWORK, 1 << 20);
  }

  private static void append(LogArchive archive, long... indices) {
    for (long index : indices) {
      archive.append(index, ("entry " + index).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static List<String> read(LogArchive archive, long from, long to) throws IOException {
    List<String> found = new ArrayList<>();
    try (LogArchive.Reading reading = archive.read(from, to)) {
      for (Optional<LogEntry> next = reading.next(); next.isPresent(); next = reading.next()) {
        LogEntry entry = next.get();
        assertEquals(
            "entry " + entry.index(), new String(entry.bytes(), StandardCharsets.US_ASCII));
        found.add(entry.previous() + ">" + entry.index());
      }
    }
    return found;
  }

  private long bytesOnDisk() throws IOException {
    long sum = 0;
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  private String names() {
    try (var files = Files.list(folder)) {
      return files.toList().toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
