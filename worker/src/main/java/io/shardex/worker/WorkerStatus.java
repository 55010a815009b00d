package io.shardex.worker;

import io.shardex.market.TaskId;
import java.util.Optional;

/**
 * How an agent stands in the market.
 *
 * @param detail for people; why, when it waits or was refused
 * @param lease the task it works on
 */
public record WorkerStatus(Standing standing, String detail, Optional<TaskId> lease) {
  /** The agent's standing. */
  public enum Standing {
    /** No node has answered yet, or the last call failed. */
    CONNECTING,
    /** The market does not take the worker yet: its owner's stake is missing or not confirmed. */
    WAITING_FOR_STAKE,
    /** Registered; no new ask is taken for a while, because a lease failed. */
    COOLING_DOWN,
    /** Its ask stands. */
    ASKING,
    /** The market refused the worker for good. */
    REFUSED,
    /** The agent was told to stop, and takes nothing new. */
    LEFT
  }
}
