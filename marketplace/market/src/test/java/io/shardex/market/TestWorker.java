package io.shardex.market;

import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import java.util.Optional;

/** A provider's worker, whose owner has staked enough. */
record TestWorker(TestMarket market, Address key, Address owner) {
  Worker worker() {
    return market.state().worker(key).orElseThrow();
  }

  Optional<Task> task() {
    return worker().lease().flatMap(market.state()::task);
  }

  TestWorker asks(UnitPrice reserve) {
    market.accept(key, new Command.PlaceAsk(reserve));
    return this;
  }

  TestWorker asks() {
    return asks(UnitPrice.ZERO);
  }

  Outcome start() {
    Task task = task().orElseThrow();
    return market.send(key, new Command.StartLease(task.id(), task.fence()));
  }

  Outcome commit() {
    return market.send(key, commitment(task().orElseThrow()));
  }

  Outcome diverge() {
    Task task = task().orElseThrow();
    return market.send(
        key, new Command.CommitDiverged(task.id(), task.fence(), 3, Digest.sha256(key.bytes())));
  }

  /** Starts and commits whatever it holds. */
  void works() {
    TestMarket.accepted(start());
    TestMarket.accepted(commit());
  }

  Command.CommitResult commitment(Task task) {
    return new Command.CommitResult(
        task.id(),
        task.fence(),
        Digest.sha256(key.bytes(), new byte[] {(byte) task.fence()}),
        Digest.sha256(key.bytes()));
  }
}
