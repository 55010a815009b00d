package io.shardex.scheduler;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A node that has voted before comes back without its log: it may not vote under its name again.
 */
public final class LostLog extends IOException {
  private static final long serialVersionUID = 1;

  LostLog(String node, Path log, Path mark) {
    super(
        "%s has voted in this network before, says %s, but %s holds no log"
            .formatted(node, mark, log));
  }
}
