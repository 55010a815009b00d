package io.shardex.protocol.client;

import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import java.util.Optional;

/**
 * What an {@link AgentStream} tells, in order, on one thread that also sends the heartbeats:
 * implementations hand work over and return.
 */
public interface AgentListener {
  /** A lease this agent has not been told of. At most one is held at a time. */
  void leased(LeaseOffer lease);

  /**
   * A lease told before is over.
   *
   * @param why name of an {@code Event.Failure}, {@code COMMITTED}, or {@code MOVED} when the node
   *     does not say
   */
  void leaseGone(TaskId task, long fence, String why);

  /**
   * The worker was reported silent: send {@code Command.Alive} before this market time, or the
   * lease ends.
   */
  void aliveAsked(long deadlineMillis);

  /**
   * An auditor has sealed what it found of a result of this worker, or of its own audit: open the
   * seal with {@code Command.Reveal} before this market time. May be told more than once.
   *
   * @param task the training or the audit whose seal is asked for
   */
  void revealAsked(TaskId task, long fence, long deadlineMillis);

  /**
   * The worker is to prove its hardware: answer with {@code Command.AnswerChallenge}, or open the
   * answer with {@code Command.OpenChallenge} where the draw says, before this market time. May be
   * told more than once.
   *
   * @param draw what is opened; empty while an answer is asked for
   */
  void challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis);

  default void connected(NodeAddress node) {}

  /**
   * A node takes no stream of this agent: it is not registered, or of another release. It is tried
   * again later, and so are the other nodes.
   *
   * @param why what the node said, and the next step if it named one
   */
  default void refused(NodeAddress node, String why) {}

  /** The stream broke off; another node is dialled. Leases go on meanwhile. */
  default void disconnected(NodeAddress node, String why) {}
}
