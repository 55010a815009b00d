package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import java.util.Optional;

/**
 * What a worker's last challenges showed.
 *
 * @param misses challenges in a row that it did not meet; 0 if the last one proved its hardware
 * @param millis how long its last right answer took, 0 before the first
 * @param atMillis market time at which the last challenge was judged
 */
public record Proof(Address worker, int misses, long millis, long atMillis) {
  /** From the seventh challenge in a row on, tries come no farther apart. */
  private static final int MOST_DOUBLINGS = 6;

  /** Whether it proved the worker's hardware. */
  public boolean valid() {
    return misses == 0;
  }

  /**
   * Whether a worker may be leased anything: its last proof is valid. One of the class that every
   * machine is of may before its first.
   *
   * @param last what its last challenges showed; empty before the first was judged
   */
  public static boolean isEnough(Rules.Proofs rules, Worker worker, Optional<Proof> last) {
    return !rules.areAsked()
        || last.map(Proof::valid).orElse(worker.resources().equals(ResourceClass.CPU));
  }

  /** When one that is not proven may be challenged again: after each miss twice as late. */
  public long againAtMillis(long cooldown) {
    return atMillis + (cooldown << Math.clamp(misses - 1, 0, MOST_DOUBLINGS));
  }

  Proof refuted(long nowMillis) {
    return new Proof(worker, Math.addExact(misses, 1), millis, nowMillis);
  }
}
