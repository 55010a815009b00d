package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.StateCodec;
import io.shardex.pricing.Amount;
import io.shardex.protocol.wire.DepositView;
import io.shardex.protocol.wire.EndedJobView;
import io.shardex.protocol.wire.JobView;
import io.shardex.protocol.wire.Payment;
import io.shardex.protocol.wire.Progress;
import io.shardex.protocol.wire.StakeView;
import io.shardex.protocol.wire.Status;
import io.shardex.protocol.wire.WireValues;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Answers to queries as the records that callers get. */
final class Views {
  private Views() {}

  static NodeStatus status(NodeAddress address, long index, Status status) {
    return new NodeStatus(
        address,
        status.getReady(),
        index,
        WireValues.digest(status.getHash()),
        status.getSlot(),
        status.getClockMillis(),
        status.getEpoch(),
        status.getEpochEndsMillis(),
        status.getChainBlock(),
        status.getValidatorsList().stream()
            .map(
                tick ->
                    new NodeStatus.ValidatorBeat(
                        WireValues.address(tick.getValidator()),
                        tick.getSlot(),
                        tick.getClockMillis(),
                        tick.getFinalBlock(),
                        tick.getIndex(),
                        WireValues.digest(tick.getHash())))
            .toList());
  }

  private static SortedMap<Address, Amount> paid(List<Payment> payments) {
    TreeMap<Address, Amount> paid = new TreeMap<>();
    for (Payment payment : payments) {
      paid.put(WireValues.address(payment.getPayee()), Amount.of(payment.getAmount()));
    }
    return paid;
  }

  static SettledJob settled(EndedJobView view) {
    return new SettledJob(
        WireValues.value(StateCodec.JOB, view.getJob()),
        paid(view.getPaidList()),
        Amount.of(view.getFees()),
        Amount.of(view.getRefunded()),
        view.getSubmittedMillis(),
        view.getSettledIndex());
  }

  static JobAccount job(long index, JobView view) {
    return new JobAccount(
        index,
        WireValues.value(StateCodec.JOB, view.getJob()),
        WireValues.values(StateCodec.TASK, view.getTasksList()),
        Amount.of(view.getFree()),
        Amount.of(view.getHeld()),
        Amount.of(view.getFees()),
        Amount.of(view.getRefunded()),
        paid(view.getPaidList()));
  }

  static DepositAccount deposit(DepositView view) {
    return new DepositAccount(
        new Deposit(
            WireValues.address(view.getBuilder()),
            view.getNonce(),
            WireValues.digest(view.getSpec()),
            view.getRefundAt()),
        Amount.of(view.getFree()));
  }

  static StakeAccount stake(StakeView view) {
    return new StakeAccount(Amount.of(view.getBonded()), view.getWorkers());
  }

  static List<ShardProgress> progress(Progress progress) {
    return progress.getTasksList().stream()
        .map(
            task ->
                new ShardProgress(
                    WireValues.value(ValueCodecs.TASK_ID, task.getTask()),
                    task.getFence(),
                    WireValues.address(task.getWorker()),
                    task.getStep(),
                    task.getSteps(),
                    Double.longBitsToDouble(task.getLossBits())))
        .toList();
  }

  /** Of two nodes' words on one task the later: higher fence, then higher step. */
  static ShardProgress newer(ShardProgress a, ShardProgress b) {
    int order = Long.compare(a.fence(), b.fence());
    order = order != 0 ? order : Integer.compare(a.step(), b.step());
    return order >= 0 ? a : b;
  }
}
