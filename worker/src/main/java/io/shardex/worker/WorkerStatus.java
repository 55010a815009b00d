package io.shardex.worker;

import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.NodeAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How an agent stands in the market.
 *
 * @param detail for people; why, when it waits or was refused
 * @param lease the task it works on
 * @param progress of that task's training, once it has begun
 * @param node the node it is connected to
 * @param runtimes what its ask is for
 * @param device what is wrong with its GPU, as people read it
 */
public record WorkerStatus(
    Standing standing,
    String detail,
    Optional<TaskId> lease,
    Optional<Progress> progress,
    Optional<NodeAddress> node,
    Set<RuntimeKind> runtimes,
    List<String> device) {
  public WorkerStatus {
    device = List.copyOf(device);
    runtimes = Collections.unmodifiableSet(new TreeSet<>(runtimes));
  }

  /**
   * How far the training of a shard is.
   *
   * @param step taken last, from 1 to {@code steps}
   * @param meanLoss over the steps so far
   */
  public record Progress(TaskId task, long fence, int step, int steps, double meanLoss) {}

  /** The agent's standing. */
  public enum Standing {
    /** No node has answered yet, or the last call failed. */
    CONNECTING,
    /** The market does not take the worker yet: its owner's stake is missing or not confirmed. */
    WAITING_FOR_STAKE,
    /** Registered; no new ask is taken for a while, because a lease failed. */
    COOLING_DOWN,
    /** Its GPU is unwell: it has no ask until that is over. */
    UNWELL,
    /** Its ask stands. */
    ASKING,
    /** The market refused the worker for good. */
    REFUSED,
    /** The agent was told to stop, and takes nothing new. */
    LEFT
  }
}
