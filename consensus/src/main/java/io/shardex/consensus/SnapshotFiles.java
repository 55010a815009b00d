package io.shardex.consensus;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.regex.Matcher;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots on disk: {@code snapshot.TERM_INDEX} with {@code .md5} beside it, as Ratis names
 * them, so that Ratis can send them to other peers.
 *
 * <p>Ratis passes over a snapshot without its {@code .md5}. As the log before it may be purged,
 * that would silently lose entries; so the digest is written first, and a newest snapshot without
 * one is an error at start.
 */
final class SnapshotFiles extends SimpleStateMachineStorage {
  private @Nullable Path folder;
  private @Nullable OwnSnapshots own;
  private volatile @Nullable SingleFileSnapshotInfo newest;
  private volatile boolean oldOnesMayGo;

  @Override
  public void init(RaftStorage storage) throws IOException {
    Path opened = storage.getStorageDir().getStateMachineDir().toPath();
    folder = opened;
    deleteUnfinished(opened);
    own = new OwnSnapshots(storage.getStorageDir().getRoot().toPath(), opened);
    super.init(storage);
  }

  /** The newest snapshot, with its digest checked; null if there is none. */
  @Nullable SingleFileSnapshotInfo verified() throws IOException {
    SingleFileSnapshotInfo newest = loadLatestSnapshot();
    long newestIndex = newestIndexOnDisk();
    if (newestIndex < 0) {
      return null;
    }
    if (newest == null || newest.getIndex() != newestIndex || !newest.hasMd5()) {
      throw new IOException(
          "the snapshot at index " + newestIndex + " in " + folder + " has no .md5 beside it");
    }
    FileInfo file = newest.getFile();
    // Ratis' own verifySavedMD5 compares the digest with the .md5 file, never with the bytes.
    MD5Hash digest = MD5FileUtil.computeMd5ForFile(file.getPath().toFile());
    if (!digest.equals(file.getFileDigest())) {
      throw new IOException("the snapshot " + file.getPath() + " is damaged: its .md5 differs");
    }
    return newest;
  }

  static InputStream open(SingleFileSnapshotInfo snapshot) throws IOException {
    return new BufferedInputStream(Files.newInputStream(snapshot.getFile().getPath()), 1 << 16);
  }

  /**
   * The newest snapshot that was written or found; null if there is none. Ratis' own would look at
   * the folder again as long as there is none, and a leader asks for each message to a follower.
   */
  @Override
  public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
    return newest;
  }

  @Override
  public @Nullable SingleFileSnapshotInfo updateLatestSnapshot(
      @Nullable SingleFileSnapshotInfo info) {
    SingleFileSnapshotInfo latest = super.updateLatestSnapshot(info);
    newest = latest;
    return latest;
  }

  /** Writes a snapshot so that it is either whole on disk, or not there. */
  void write(TermIndex at, Snapshot snapshot) throws IOException {
    File unfinished = getTmpSnapshotFile(at.getTerm(), at.getIndex());
    File whole = getSnapshotFile(at.getTerm(), at.getIndex());
    MessageDigest sha256 = OwnSnapshots.newSha256();
    MD5Hash digest = writeSynced(unfinished, snapshot, sha256);
    own().mark(whole.getName(), sha256.digest());
    MD5FileUtil.saveMD5File(whole, digest);
    Files.move(unfinished.toPath(), whole.toPath(), StandardCopyOption.ATOMIC_MOVE);
    OwnSnapshots.syncFolder(folder());
    updateLatestSnapshot(
        new SingleFileSnapshotInfo(
            new FileInfo(whole.toPath(), digest), at.getTerm(), at.getIndex()));
  }

  /** Who wrote a snapshot that lies here, however it came here. */
  ReplicatedMachine.Origin originOf(SingleFileSnapshotInfo snapshot) throws IOException {
    return own().originOf(getSnapshotFileName(snapshot.getTerm(), snapshot.getIndex()));
  }

  /** Lets the next clean-up, which Ratis asks for after each look at the snapshots, happen. */
  void letOldOnesGo() {
    oldOnesMayGo = true;
  }

  @Override
  public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
    if (oldOnesMayGo) {
      oldOnesMayGo = false;
      super.cleanupOldSnapshots(policy);
      own().forgetDeleted();
    }
  }

  private Path folder() {
    return Objects.requireNonNull(folder, "not initialised");
  }

  private OwnSnapshots own() {
    return Objects.requireNonNull(own, "not initialised");
  }

  private static MD5Hash writeSynced(File target, Snapshot snapshot, MessageDigest sha256)
      throws IOException {
    MessageDigest md5 = MD5FileUtil.newMD5();
    try (FileOutputStream file = new FileOutputStream(target);
        OutputStream both = new DigestOutputStream(new DigestOutputStream(file, md5), sha256);
        OutputStream out = new BufferedOutputStream(both, 1 << 16)) {
      snapshot.writeTo(out);
      out.flush();
      file.getFD().sync();
    }
    return MD5Hash.newInstance(md5.digest());
  }

  private static void deleteUnfinished(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "snapshot.*.tmp")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private long newestIndexOnDisk() throws IOException {
    long newest = -1;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(), "snapshot.*")) {
      for (Path file : files) {
        Matcher name = SNAPSHOT_REGEX.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          newest = Math.max(newest, Long.parseLong(name.group(2)));
        }
      }
    }
    return newest;
  }
}
