package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardex.consensus.ReplicatedMachine.Origin;
import java.io.BufferedInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Which snapshots this replica wrote itself: for each a file {@code snapshot.TERM_INDEX.sha256}
 * that holds the digest of its bytes.
 *
 * <p>A leader that sends a snapshot chooses all files of the snapshot folder, so a mark in there
 * would be the leader's word. These lie in a folder beside it and bind the bytes: what has no mark,
 * or other bytes than its mark says, is a peer's. MD5, which Ratis uses, would not bind them, as
 * two files with one MD5 can be made.
 */
final class OwnSnapshots {
  private static final String FOLDER = "own-snapshots";
  private static final String ENDING = ".sha256";

  private final Path marks;
  private final Path snapshots;

  /** Opens or creates the marks of one replica, and forgets those of snapshots that are gone. */
  OwnSnapshots(Path root, Path snapshots) throws IOException {
    this.marks = root.resolve(FOLDER);
    this.snapshots = snapshots;
    if (!Files.isDirectory(marks)) {
      Files.createDirectory(marks);
      syncFolder(root);
    }
    forgetDeleted();
  }

  /** Marks what is about to be named {@code snapshot}; the mark is on disk after this. */
  void mark(String snapshot, byte[] sha256) throws IOException {
    try (FileOutputStream out = new FileOutputStream(markOf(snapshot).toFile())) {
      out.write(HexFormat.of().formatHex(sha256).getBytes(US_ASCII));
      out.getFD().sync();
    }
    syncFolder(marks);
  }

  Origin originOf(String snapshot) throws IOException {
    Path mark = markOf(snapshot);
    if (!Files.exists(mark)) {
      return Origin.PEER;
    }
    byte[] written = Files.readAllBytes(mark);
    byte[] found =
        HexFormat.of().formatHex(sha256Of(snapshots.resolve(snapshot))).getBytes(US_ASCII);
    return Arrays.equals(written, found) ? Origin.OWN : Origin.PEER;
  }

  void forgetDeleted() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(marks)) {
      for (Path mark : files) {
        String name = String.valueOf(mark.getFileName());
        if (!Files.exists(snapshots.resolve(name.replace(ENDING, "")))) {
          Files.delete(mark);
        }
      }
    }
  }

  private Path markOf(String snapshot) {
    return marks.resolve(snapshot + ENDING);
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static byte[] sha256Of(Path file) throws IOException {
    MessageDigest sha256 = newSha256();
    try (InputStream in =
        new DigestInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 16), sha256)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return sha256.digest();
  }

  static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder)) {
      channel.force(true);
    }
  }
}
