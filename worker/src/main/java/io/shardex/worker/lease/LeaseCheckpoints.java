package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMeter;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a slot's leases: where their work begins, and how it is saved. */
final class LeaseCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseCheckpoints.class);

  /** Until a checkpoint is shown again that the market does not take yet. */
  private static final Duration TOO_SOON = Duration.ofMillis(500);

  private final CheckpointFile file;
  private final Link link;
  private final CommandSender sender;
  private final LeaseDelivery delivery;
  private final WorkerMeter meter;
  private final Patience.Pause pause;

  LeaseCheckpoints(
      CheckpointFile file,
      Link link,
      CommandSender sender,
      LeaseDelivery delivery,
      WorkerMeter meter,
      Patience.Pause pause) {
    this.file = file;
    this.link = link;
    this.sender = sender;
    this.delivery = delivery;
    this.meter = meter;
    this.pause = pause;
  }

  /** Whoever audits begins at the start: nobody's word is taken for what is to be checked. */
  <C> Beginning<C> beginning(LeaseOffer offer, Beginning.Reader<C> reader)
      throws InterruptedException {
    return offer.task().isAudit()
        ? Beginning.atStart(offer)
        : Beginning.of(offer, file, link, pause, reader);
  }

  /** Where the lease's checkpoints go, if its job wants any. */
  Optional<CheckpointSaver> saver(HeldLease lease, Beginning<?> beginning, Patience patience) {
    LeaseOffer offer = lease.offer();
    if (offer.task().isAudit()) {
      return Optional.empty();
    }
    return offer
        .terms()
        .execution()
        .checkpoint()
        .map(
            every ->
                new CheckpointSaver(
                    every,
                    beginning.step(),
                    (step, bytes) -> save(lease, beginning.inputs(), step, bytes, patience)));
  }

  /** On this agent's disk, into the grid, and then in the market, as soon as it takes another. */
  private void save(HeldLease lease, Digest inputs, int step, byte[] bytes, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    file.save(new CheckpointFile.Saved(offer.task(), offer.fence(), inputs, step, bytes));
    Digest blob = delivery.upload(bytes, patience);
    Command command = new Command.SaveCheckpoint(offer.task(), offer.fence(), step, blob, inputs);
    Outcome outcome = sender.send(command, lease::isOver);
    while (isTooSoon(outcome)) {
      pause.of(TOO_SOON);
      outcome = sender.send(command, lease::isOver);
    }
    if (outcome instanceof Outcome.Rejected rejected) {
      throw new LeaseFailure(rejected.rejection().toString());
    }
    LOG.info("{} is saved after step {}, {} bytes", offer.task(), step, bytes.length);
    meter.checkpointSaved();
  }

  private static boolean isTooSoon(Outcome outcome) {
    return outcome instanceof Outcome.Rejected rejected
        && rejected.rejection().reason() == Rejection.Reason.CHECKPOINT_TOO_SOON;
  }

  /** Clears what is on disk: only an agent that stops comes back to the same lease. */
  void forget(LeaseEnd end) {
    try {
      file.clear();
    } catch (IOException e) {
      LOG.warn("the checkpoint of {} stays on disk: {}", end.task(), e.toString());
    }
  }
}
