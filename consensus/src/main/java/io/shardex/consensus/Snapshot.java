package io.shardex.consensus;

import java.io.IOException;
import java.io.OutputStream;

/** A state frozen at one index, written out on a thread of its own while entries go on. */
@FunctionalInterface
public interface Snapshot {

  /** Writes the whole state. The stream is buffered; whoever passes it closes it. */
  void writeTo(OutputStream out) throws IOException;
}
