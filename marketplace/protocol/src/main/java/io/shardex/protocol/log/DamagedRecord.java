package io.shardex.protocol.log;

import java.io.IOException;

/** A file of records is cut off inside one, or one is not what was written. */
public final class DamagedRecord extends IOException {
  private static final long serialVersionUID = 1;

  public DamagedRecord(String message) {
    super(message);
  }
}
