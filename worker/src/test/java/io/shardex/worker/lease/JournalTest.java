package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path folder = Path.of("set by JUnit");
  private Path file = Path.of("set before each test");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("journal");
  }

  private static Digest digest(int seed) {
    return Digest.sha256(new byte[] {(byte) seed, (byte) (seed >> 8)});
  }

  private static Commitment commitment(int shard) {
    TaskId task = new TaskId(new JobId(digest(0)), 1, shard);
    OptionalInt diverged = shard % 2 == 0 ? OptionalInt.empty() : OptionalInt.of(shard);
    return new Commitment(
        task, 1, diverged, digest(shard), digest(shard + 1), digest(shard + 2), digest(shard + 3));
  }

  private static Optional<Commitment> find(Journal journal, Commitment wanted) {
    return journal.find(wanted.task(), wanted.fence());
  }

  @Test
  void aReopenedJournalKnowsWhatWasCommitted() throws IOException {
    try (Journal journal = Journal.open(file)) {
      journal.commit(commitment(1));
      journal.commit(commitment(2));
    }
    try (Journal journal = Journal.open(file)) {
      assertEquals(Optional.of(commitment(1)), find(journal, commitment(1)));
      assertEquals(Optional.of(commitment(2)), find(journal, commitment(2)));
      assertEquals(Optional.empty(), find(journal, commitment(3)));
      assertEquals(Optional.empty(), journal.find(commitment(1).task(), 2));
    }
  }

  @Test
  void aCommitmentIsOnDiskWhenTheCallReturns() throws IOException {
    Path copy = folder.resolve("copy");
    try (Journal journal = Journal.open(file)) {
      journal.commit(commitment(1));
      Files.copy(file, copy);
    }
    try (Journal journal = Journal.open(copy)) {
      assertEquals(Optional.of(commitment(1)), find(journal, commitment(1)));
    }
  }

  @Test
  void aLeaseIsNeverCommittedToTwice() throws IOException {
    Commitment other =
        new Commitment(
            commitment(1).task(),
            1,
            OptionalInt.empty(),
            digest(9),
            digest(9),
            digest(9),
            digest(9));
    try (Journal journal = Journal.open(file)) {
      journal.commit(commitment(1));
      journal.commit(commitment(1));

      assertThrows(IllegalStateException.class, () -> journal.commit(other));
      assertEquals(Optional.of(commitment(1)), find(journal, commitment(1)));
    }
  }

  @Test
  void aRecordTornAnywhereIsIgnoredAndWrittenOver() throws IOException {
    long before;
    try (Journal journal = Journal.open(file)) {
      journal.commit(commitment(1));
      before = Files.size(file);
      journal.commit(commitment(2));
    }
    byte[] whole = Files.readAllBytes(file);
    for (int end = (int) before; end < whole.length; end++) {
      Files.write(file, Arrays.copyOf(whole, end));
      checkTorn();
      byte[] zeros = Arrays.copyOf(whole, whole.length);
      Arrays.fill(zeros, end, zeros.length, (byte) 0);
      Files.write(file, zeros);
      checkTorn();
    }
  }

  private void checkTorn() throws IOException {
    try (Journal journal = Journal.open(file)) {
      assertEquals(Optional.of(commitment(1)), find(journal, commitment(1)));
      journal.commit(commitment(4));
    }
    try (Journal journal = Journal.open(file)) {
      assertEquals(Optional.of(commitment(4)), find(journal, commitment(4)));
    }
  }

  @Test
  void damageBeforeTheEndIsRefusedByName() throws IOException {
    try (Journal journal = Journal.open(file)) {
      for (int shard = 0; shard < 10; shard++) {
        journal.commit(commitment(shard));
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[40] ^= 1;
    Files.write(file, bytes);

    IOException refused = assertThrows(IOException.class, () -> Journal.open(file));
    assertTrue(String.valueOf(refused.getMessage()).contains("damaged at byte 8"));
  }

  @Test
  void aFileOfAnotherFormatOrVersionIsRefusedByName() throws IOException {
    Files.writeString(file, "not a journal");
    IOException other = assertThrows(IOException.class, () -> Journal.open(file));
    assertTrue(String.valueOf(other.getMessage()).contains("something else"));

    Files.write(file, new byte[] {'S', 'X', 'W', 'J', 0, 0, 0, 3});
    IOException newer = assertThrows(IOException.class, () -> Journal.open(file));
    assertTrue(String.valueOf(newer.getMessage()).contains("version 3"));
  }

  @Test
  void onlyTheNewestAreKept() throws IOException {
    try (Journal journal = Journal.open(file, 3)) {
      for (int shard = 0; shard < 20; shard++) {
        journal.commit(commitment(shard));
      }
      assertTrue(Files.size(file) < 7 * 250);
      assertEquals(Optional.of(commitment(19)), find(journal, commitment(19)));
    }
    try (Journal journal = Journal.open(file, 3)) {
      assertEquals(Optional.of(commitment(17)), find(journal, commitment(17)));
      assertEquals(Optional.empty(), find(journal, commitment(16)));
    }
  }

  @Test
  void aFoldersJournalIsReadBesideTheAgentThatWritesIt() throws Exception {
    assertEquals(List.of(), LeaseFolder.committed(folder.resolve("none")));
    try (Journal journal = Journal.open(file)) {
      journal.commit(commitment(1));
      journal.commit(commitment(2));

      assertEquals(
          List.of(commitment(1).task(), commitment(2).task()),
          LeaseFolder.committed(folder).stream().map(LeaseFolder.Committed::task).toList());
    }
  }
}
