package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.consensus.ReplicatedMachine.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnSnapshotsTest {
  private static final String NAME = "snapshot.1_20";
  private static final byte[] WRITTEN = "the state as this replica computed it".getBytes(US_ASCII);
  private static final byte[] SENT = "the state as the leader would like it".getBytes(US_ASCII);

  @TempDir Path root;
  private Path snapshots;
  private OwnSnapshots own;

  @BeforeEach
  void open() throws IOException {
    snapshots = Files.createDirectory(root.resolve("sm"));
    own = new OwnSnapshots(root, snapshots);
  }

  @Test
  void whatWasMarkedIsOwnAlsoWhenOpenedAgain() throws IOException {
    own.mark(NAME, sha256(WRITTEN));
    Files.write(snapshots.resolve(NAME), WRITTEN);

    assertEquals(Origin.OWN, own.originOf(NAME));
    assertEquals(Origin.OWN, new OwnSnapshots(root, snapshots).originOf(NAME));
  }

  @Test
  void whatWasNeverMarkedIsAPeers() throws IOException {
    Files.write(snapshots.resolve(NAME), SENT);

    assertEquals(Origin.PEER, own.originOf(NAME));
  }

  @Test
  void aMarkThatCameInTheSnapshotsFolderCountsForNothing() throws IOException {
    Files.write(snapshots.resolve(NAME), SENT);
    Path forged = Files.createDirectory(snapshots.resolve("own-snapshots"));
    Files.writeString(snapshots.resolve(NAME + ".sha256"), HexFormat.of().formatHex(sha256(SENT)));
    Files.writeString(forged.resolve(NAME + ".sha256"), HexFormat.of().formatHex(sha256(SENT)));

    assertEquals(Origin.PEER, new OwnSnapshots(root, snapshots).originOf(NAME));
  }

  @Test
  void otherBytesUnderAMarkedNameAreAPeers() throws IOException {
    own.mark(NAME, sha256(WRITTEN));
    Files.write(snapshots.resolve(NAME), SENT);

    assertEquals(Origin.PEER, own.originOf(NAME));
  }

  @Test
  void ownBytesUnderAnotherIndexAreAPeers() throws IOException {
    own.mark(NAME, sha256(WRITTEN));
    Files.write(snapshots.resolve("snapshot.1_40"), WRITTEN);

    assertEquals(Origin.PEER, own.originOf("snapshot.1_40"));
  }

  @Test
  void aMarkGoesWithItsSnapshotAndNoSooner() throws IOException {
    own.mark(NAME, sha256(WRITTEN));
    own.mark("snapshot.1_40", sha256(WRITTEN));
    Files.write(snapshots.resolve("snapshot.1_40"), WRITTEN);

    own.forgetDeleted();
    Files.write(snapshots.resolve(NAME), WRITTEN);

    assertEquals(Origin.PEER, own.originOf(NAME));
    assertEquals(Origin.OWN, own.originOf("snapshot.1_40"));
  }

  @Test
  void aMarkThatACrashCutShortMakesAPeers() throws IOException {
    own.mark(NAME, sha256(WRITTEN));
    Path mark = root.resolve("own-snapshots").resolve(NAME + ".sha256");
    Files.writeString(mark, Files.readString(mark).substring(0, 10));
    Files.write(snapshots.resolve(NAME), WRITTEN);

    assertEquals(Origin.PEER, own.originOf(NAME));
  }

  private static byte[] sha256(byte[] bytes) {
    return OwnSnapshots.newSha256().digest(bytes);
  }
}
