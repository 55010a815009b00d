package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers what a lease came to: its blob into the grid, its commitment into the journal and only
 * then to the market. What is in the journal is delivered again as it is, with the same fence,
 * until the market takes it or says why not. Or tells that nothing will come of the lease.
 */
final class LeaseDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseDelivery.class);

  private final LeaseRunner.Author author;
  private final Journal journal;
  private final CommandSender sender;
  private final Link link;

  LeaseDelivery(LeaseRunner.Author author, Journal journal, CommandSender sender, Link link) {
    this.author = author;
    this.journal = journal;
    this.sender = sender;
    this.link = link;
  }

  /** A lease to be held; it is committed if the journal has its result. */
  HeldLease held(LeaseOffer offer) {
    return new HeldLease(offer, journal.find(offer.task(), offer.fence()).isPresent());
  }

  /** Puts a blob into the grid. */
  Digest upload(byte[] blob, Patience patience) throws LeaseFailure, InterruptedException {
    return stored(Manifest.of(blob).id(), patience.call(() -> link.upload(blob)));
  }

  /** The same out of a file. */
  Digest upload(Path file, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    try (InputStream content = Files.newInputStream(file)) {
      return stored(Manifest.of(content).id(), patience.call(() -> link.upload(file)));
    }
  }

  private static Digest stored(Digest expected, Digest stored) throws LeaseFailure {
    if (!stored.equals(expected)) {
      throw new LeaseFailure(
          "expected the grid to store %s, but it stored %s".formatted(expected, stored));
    }
    return stored;
  }

  /**
   * Commits to what a run came to.
   *
   * @param divergedAt the step at which its numbers left the finite ones; empty for a result
   * @param shown the result's blob, or the diverged run's digest
   * @param root of the run
   * @param inputs what it was made from
   * @return how the lease ended, which may be that it had failed before
   */
  LeaseEnd commit(HeldLease lease, OptionalInt divergedAt, Digest shown, Digest root, Digest inputs)
      throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    if (!lease.commits()) {
      return lease.end();
    }
    Digest seal = Seal.of(author.key(), author.network(), offer.task(), offer.fence(), root, shown);
    Commitment commitment =
        new Commitment(offer.task(), offer.fence(), divergedAt, shown, root, seal, inputs);
    journal.commit(commitment);
    return deliver(lease, commitment);
  }

  /** Delivers what the journal has of a lease that is committed. */
  LeaseEnd again(HeldLease lease) throws LeaseFailure, InterruptedException {
    LeaseOffer offer = lease.offer();
    LOG.info("sending the commitment to {} again", offer.task());
    return deliver(lease, journal.find(offer.task(), offer.fence()).orElseThrow());
  }

  private LeaseEnd deliver(HeldLease lease, Commitment commitment)
      throws LeaseFailure, InterruptedException {
    return switch (sender.send(commitment.command(), lease::isOver)) {
      case Outcome.Accepted accepted ->
          new LeaseEnd(
              commitment.task(),
              commitment.fence(),
              commitment.divergedAt().isPresent()
                  ? LeaseEnd.Outcome.DIVERGED
                  : LeaseEnd.Outcome.COMMITTED,
              commitment.shown().toString());
      case Outcome.Rejected rejected -> gone(lease, rejected.rejection());
    };
  }

  /** The end of a lease that the market took away. */
  static LeaseEnd gone(HeldLease lease, Rejection why) {
    return new LeaseEnd(
        lease.offer().task(), lease.offer().fence(), LeaseEnd.Outcome.GONE, why.toString());
  }

  /** Tells the market that nothing will come of a lease, so that another may have its shard now. */
  void giveUp(HeldLease lease, Event.Failure why, BooleanSupplier over) {
    LeaseOffer offer = lease.offer();
    try {
      if (sender.send(new Command.GiveUpLease(offer.task(), offer.fence(), why), over)
          instanceof Outcome.Rejected rejected) {
        LOG.info("the lease of {} is not given up: {}", offer.task(), rejected.rejection());
      }
    } catch (LeaseFailure | RuntimeException e) {
      LOG.warn("the lease of {} must expire: {}", offer.task(), e.getMessage());
    } catch (InterruptedException e) {
      LOG.debug("the lease of {} is over before it is given up", offer.task());
    }
  }
}
