package io.shardex.market.state;

import io.shardex.market.Address;

/**
 * What a worker's last challenge showed.
 *
 * @param valid whether it proved the worker's hardware
 * @param millis how long its last right answer took, 0 before the first
 * @param atMillis market time at which it was judged
 */
public record Proof(Address worker, boolean valid, long millis, long atMillis) {
  /** Of a worker that has not answered rightly yet. */
  static Proof none(Address worker) {
    return new Proof(worker, false, 0, 0);
  }

  Proof refuted(long nowMillis) {
    return new Proof(worker, false, millis, nowMillis);
  }
}
