package io.shardex.scheduler.attest;

import io.shardex.market.Fact;
import io.shardex.market.FactValue;

/**
 * Looks up or computes the answer to one kind of fact, from what this node can see for itself.
 *
 * @param <F> the kind of fact
 */
public interface Witness<F extends Fact> {
  /**
   * What this node finds. Blocks; called on a thread of its own.
   *
   * @throws CannotTell if the answer cannot be had now; it is asked for again while the fact is
   *     open
   */
  Statement look(F fact) throws CannotTell;

  /** A value for a fact: the one asked about, or another that the look brought up. */
  record Statement(Fact fact, FactValue value) {}

  /** The world did not answer, or the answer is not there yet. */
  class CannotTell extends Exception {
    private static final long serialVersionUID = 1;

    public CannotTell(String why) {
      super(why);
    }

    public CannotTell(String why, Throwable cause) {
      super(why, cause);
    }
  }
}
