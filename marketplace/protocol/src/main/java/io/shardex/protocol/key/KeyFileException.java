package io.shardex.protocol.key;

import java.nio.file.Path;

/** A key or passphrase file that cannot be used; the message names the file and the way out. */
public final class KeyFileException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Reason {
    /** There is no such file. */
    MISSING,
    /** There is a file already; key files are never overwritten. */
    EXISTS,
    /** Group or others may read it, so the key may be known to them. */
    READABLE_BY_OTHERS,
    /** Not a version 3 keystore, or one with parameters out of bounds. */
    NOT_A_KEYSTORE,
    /** The passphrase does not open it. */
    WRONG_PASSPHRASE,
    /** The file system says no. */
    UNREADABLE
  }

  private final Reason reason;

  KeyFileException(Reason reason, Path file, String detail) {
    super(file + ": " + detail);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
