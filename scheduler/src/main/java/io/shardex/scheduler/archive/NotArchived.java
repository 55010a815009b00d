package io.shardex.scheduler.archive;

import java.util.List;
import java.util.stream.Collectors;

/** This node's archive does not hold what was asked for; the message names what it holds. */
public final class NotArchived extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotArchived(long from, long to, List<IndexRange> held) {
    super(
        "asked for log indices %d to %s, but this node's archive holds %s"
            .formatted(
                from,
                to == 0 ? "the end" : String.valueOf(to),
                held.isEmpty()
                    ? "nothing yet"
                    : held.stream().map(IndexRange::toString).collect(Collectors.joining(", "))));
  }
}
