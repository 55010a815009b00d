package io.shardex.consensus;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
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
 *
 * <p>Beside each snapshot that this replica wrote lies {@code own.TERM_INDEX}. A leader's snapshot
 * takes the whole folder's place, and Ratis sends none of these, so it never has one.
 */
final class SnapshotFiles extends SimpleStateMachineStorage {
  private @Nullable Path folder;
  private volatile boolean oldOnesMayGo;

  @Override
  public void init(RaftStorage storage) throws IOException {
    Path opened = storage.getStorageDir().getStateMachineDir().toPath();
    folder = opened;
    deleteUnfinished(opened);
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

  /** Writes a snapshot so that it is either whole on disk, or not there. */
  void write(TermIndex at, Snapshot snapshot) throws IOException {
    File unfinished = getTmpSnapshotFile(at.getTerm(), at.getIndex());
    File whole = getSnapshotFile(at.getTerm(), at.getIndex());
    MD5Hash digest = writeSynced(unfinished, snapshot);
    MD5FileUtil.saveMD5File(whole, digest);
    Files.move(unfinished.toPath(), whole.toPath(), StandardCopyOption.ATOMIC_MOVE);
    Files.write(ownMark(at.getTerm(), at.getIndex()), new byte[0]);
    syncFolder(folder());
    updateLatestSnapshot(
        new SingleFileSnapshotInfo(
            new FileInfo(whole.toPath(), digest), at.getTerm(), at.getIndex()));
  }

  /** Whether this replica wrote the snapshot itself. */
  boolean isOwn(SingleFileSnapshotInfo snapshot) {
    return Files.exists(ownMark(snapshot.getTerm(), snapshot.getIndex()));
  }

  private Path ownMark(long term, long index) {
    return folder().resolve("own." + term + "_" + index);
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
      deleteStrayMarks(folder());
    }
  }

  private Path folder() {
    return Objects.requireNonNull(folder, "not initialised");
  }

  private static MD5Hash writeSynced(File target, Snapshot snapshot) throws IOException {
    MessageDigest md5 = MD5FileUtil.newMD5();
    try (FileOutputStream file = new FileOutputStream(target);
        OutputStream out = new BufferedOutputStream(new DigestOutputStream(file, md5), 1 << 16)) {
      snapshot.writeTo(out);
      out.flush();
      file.getFD().sync();
    }
    return MD5Hash.newInstance(md5.digest());
  }

  private static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder)) {
      channel.force(true);
    }
  }

  private static void deleteUnfinished(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "snapshot.*.tmp")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** Marks of snapshots that are gone. */
  private static void deleteStrayMarks(Path folder) throws IOException {
    try (DirectoryStream<Path> marks = Files.newDirectoryStream(folder, "own.*")) {
      for (Path mark : marks) {
        String snapshot = String.valueOf(mark.getFileName()).replaceFirst("own", "snapshot");
        if (!Files.exists(folder.resolve(snapshot))) {
          Files.delete(mark);
        }
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
