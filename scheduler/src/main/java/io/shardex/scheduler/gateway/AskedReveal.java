package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.Task;
import io.shardex.protocol.wire.RevealAsked;
import io.shardex.protocol.wire.WireValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A seal that a worker is to open now. */
record AskedReveal(TaskId task, long fence, long deadlineMillis) {
  /** The seals of results of the worker that are under audit, and of its own audits. */
  static List<AskedReveal> of(MarketState state, Address worker) {
    List<AskedReveal> asked = new ArrayList<>();
    for (TaskId id : state.revealing()) {
      Result result = state.results().get(id);
      if (result != null) {
        own(result, worker).ifPresent(asked::add);
        audit(state, result, worker).ifPresent(asked::add);
      }
    }
    return asked;
  }

  private static Optional<AskedReveal> own(Result result, Address worker) {
    return result.claim().worker().equals(worker) && result.audit().worker().isEmpty()
        ? Optional.of(
            new AskedReveal(
                result.id().training(), result.id().audited(), result.audit().revealByMillis()))
        : Optional.empty();
  }

  private static Optional<AskedReveal> audit(MarketState state, Result result, Address worker) {
    boolean isAuditor =
        result.audit().auditor().filter(party -> party.worker().equals(worker)).isPresent();
    return isAuditor && result.audit().other().isEmpty()
        ? state
            .task(result.id())
            .map(Task::fence)
            .map(fence -> new AskedReveal(result.id(), fence, result.audit().revealByMillis()))
        : Optional.empty();
  }

  RevealAsked message() {
    return RevealAsked.newBuilder()
        .setTask(WireValues.bytes(ValueCodecs.TASK_ID, task))
        .setFence(fence)
        .setDeadlineMillis(deadlineMillis)
        .build();
  }
}
