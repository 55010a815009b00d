package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.Inputs;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.worker.link.Link;
import io.shardex.worker.link.LinkFailure;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a lease's work begins.
 *
 * @param from a checkpoint, read and checked; the shard's start if empty
 * @param step steps that it is after
 * @param inputs what the run is made from, in the market's words
 */
record Beginning<C>(Optional<C> from, int step, Digest inputs) {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);
  private static final int TRIES = 5;
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How a runtime's checkpoints are read. */
  interface Reader<C> {
    /** The bytes that one of this step has at most. */
    int mostBytes(int step);

    /** Reads and checks one of this step, or says why it cannot be used. */
    C read(int step, byte[] checkpoint) throws LeaseFailure;
  }

  /** At the shard's start, whatever is saved. */
  static <C> Beginning<C> atStart(LeaseOffer offer) {
    return new Beginning<>(
        Optional.empty(), 0, Inputs.of(offer.spec(), offer.data(), offer.baseModel()));
  }

  /**
   * With what this agent has saved of this very lease, else with what the lease offers, else at the
   * start: a checkpoint that cannot be had or used costs time and nothing else.
   */
  static <C> Beginning<C> of(
      LeaseOffer offer, CheckpointFile own, Link link, Patience.Pause pause, Reader<C> reader)
      throws InterruptedException {
    Optional<Beginning<C>> kept = own(offer, own, reader);
    if (kept.isPresent()) {
      return kept.get();
    }
    Optional<Beginning<C>> offered = Optional.empty();
    if (offer.checkpoint().isPresent()) {
      offered = offered(offer, offer.checkpoint().get(), link, pause, reader);
    }
    return offered.orElseGet(() -> atStart(offer));
  }

  private static <C> Optional<Beginning<C>> own(
      LeaseOffer offer, CheckpointFile own, Reader<C> reader) {
    Optional<CheckpointFile.Saved> saved = own.find(offer.task(), offer.fence());
    if (saved.isEmpty()) {
      return Optional.empty();
    }
    int step = saved.get().step();
    try {
      C from = reader.read(step, saved.get().checkpoint());
      LOG.info("{} goes on from this agent's own checkpoint of step {}", offer.task(), step);
      return Optional.of(new Beginning<>(Optional.of(from), step, saved.get().inputs()));
    } catch (LeaseFailure e) {
      LOG.warn("this agent's own checkpoint of {} is not used: {}", offer.task(), e.getMessage());
      return Optional.empty();
    }
  }

  private static <C> Optional<Beginning<C>> offered(
      LeaseOffer offer,
      LeaseOffer.Checkpoint saved,
      Link link,
      Patience.Pause pause,
      Reader<C> reader)
      throws InterruptedException {
    try {
      byte[] blob = fetch(link, saved.blob(), reader.mostBytes(saved.step()), pause);
      C from = reader.read(saved.step(), blob);
      LOG.info("{} goes on from the checkpoint of step {}", offer.task(), saved.step());
      Digest inputs = Inputs.of(offer.spec(), offer.data(), offer.baseModel(), saved.blob());
      return Optional.of(new Beginning<>(Optional.of(from), saved.step(), inputs));
    } catch (LeaseFailure | LinkFailure | IllegalArgumentException | ArithmeticException e) {
      LOG.warn(
          "{} begins anew, the checkpoint of step {} is not used: {}",
          offer.task(),
          saved.step(),
          e.getMessage());
      return Optional.empty();
    }
  }

  /** It may be lost for good, so it is not waited for as other blobs are. */
  private static byte[] fetch(Link link, Digest blob, int mostBytes, Patience.Pause pause)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return link.blob(blob, mostBytes);
      } catch (LinkFailure e) {
        if (!e.isPassing() || tries == TRIES) {
          throw e;
        }
        pause.of(PAUSE);
      }
    }
  }
}
