package io.shardex.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A transaction on its way: one nonce, one call, and each signed form of it, of which at most one
 * can get into the chain. Guarded by its sender.
 */
final class Pending {
  private final long nonce;
  private final Call call;
  private final long gas;
  private final List<SignedTransaction> attempts = new ArrayList<>();
  private long lastSentNanos;
  private long lastSignedNanos;
  private OptionalLong executedNanos = OptionalLong.empty();

  Pending(long nonce, Call call, long gas) {
    this.nonce = nonce;
    this.call = call;
    this.gas = gas;
  }

  long nonce() {
    return nonce;
  }

  Call call() {
    return call;
  }

  long gas() {
    return gas;
  }

  void add(SignedTransaction attempt, long nowNanos) {
    attempts.add(attempt);
    lastSignedNanos = nowNanos;
    lastSentNanos = nowNanos;
  }

  void sent(long nowNanos) {
    lastSentNanos = nowNanos;
  }

  long lastSentNanos() {
    return lastSentNanos;
  }

  long lastSignedNanos() {
    return lastSignedNanos;
  }

  void executed(long nowNanos) {
    executedNanos = OptionalLong.of(nowNanos);
  }

  boolean isExecutedBefore(long nanos) {
    return executedNanos.isPresent() && executedNanos.getAsLong() - nanos < 0;
  }

  SignedTransaction newest() {
    return attempts.getLast();
  }

  List<String> hashes() {
    return attempts.stream().map(SignedTransaction::hash).toList();
  }

  int bumps() {
    return attempts.size() - 1;
  }
}
