package io.shardex.worker.lease;

import io.shardex.market.TaskId;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a lease ended for the agent.
 *
 * @param detail for people: the result's blob id, or why there is none
 */
public record LeaseEnd(TaskId task, long fence, Outcome outcome, String detail) {
  /** The labels of all outcomes. */
  public static List<String> labels() {
    return Stream.of(Outcome.values()).map(Outcome::label).toList();
  }

  /** The ways a lease ends. */
  public enum Outcome {
    /** The market took the result. */
    COMMITTED,
    /** The market took the word that training left the finite numbers. */
    DIVERGED,
    /** The market took the lease away, or refused a command about it. */
    GONE,
    /** What the lease asks for cannot be trained here. */
    FAILED,
    /** The agent stopped. */
    ABANDONED;

    /** The value of the metric's label. */
    public String label() {
      return switch (this) {
        case COMMITTED -> "committed";
        case DIVERGED -> "diverged";
        case GONE -> "gone";
        case FAILED -> "failed";
        case ABANDONED -> "abandoned";
      };
    }
  }
}
