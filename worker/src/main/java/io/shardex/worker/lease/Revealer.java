package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Outcome;
import io.shardex.market.TaskId;
import io.shardex.worker.link.Link;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the seals that the market asks to be opened, out of the journal, on a thread of its own: a
 * lease may be worked on meanwhile, and a worker that was restarted can still do it.
 */
public final class Revealer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Revealer.class);

  private record Asked(TaskId task, long fence) {}

  private final LeaseRunner.Author author;
  private final Journal journal;
  private final CommandSender sender;
  private final ExecutorService thread;
  private final Set<Asked> underWay = new HashSet<>();
  private volatile boolean closed;

  /** A revealer over the journal of an open folder, which stays the caller's to close. */
  public Revealer(LeaseRunner.Author author, Link link, LeaseFolder folder) {
    this(author, link, folder, Thread::sleep);
  }

  Revealer(LeaseRunner.Author author, Link link, LeaseFolder folder, Patience.Pause pause) {
    this.author = author;
    this.journal = folder.journal();
    this.sender = new CommandSender(author.signer(), link, pause);
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shardex-reveal").factory());
  }

  /**
   * Opens the seal of a lease; returns at once. Asked again while it is under way, does nothing.
   */
  public synchronized void reveal(TaskId task, long fence) {
    Asked asked = new Asked(task, fence);
    if (!closed && underWay.add(asked)) {
      thread.execute(() -> run(asked));
    }
  }

  private void run(Asked asked) {
    try {
      Optional<Commitment> commitment = journal.find(asked.task(), asked.fence());
      if (commitment.isEmpty()) {
        LOG.error(
            "asked to open the seal of {} with fence {}, which is not in the journal",
            asked.task(),
            asked.fence());
      } else {
        report(asked, sender.send(opening(commitment.get()), () -> closed));
      }
    } catch (InterruptedException e) {
      LOG.debug("the seal of {} was not opened: the agent stops", asked.task());
    } catch (LeaseFailure | RuntimeException e) {
      LOG.error("the seal of {} cannot be opened", asked.task(), e);
    } finally {
      synchronized (this) {
        underWay.remove(asked);
      }
    }
  }

  private Command.Reveal opening(Commitment made) {
    return new Command.Reveal(
        made.task(),
        made.fence(),
        made.root(),
        made.shown(),
        Seal.salt(author.key(), author.network(), made.task(), made.fence()));
  }

  private static void report(Asked asked, Outcome outcome) {
    switch (outcome) {
      case Outcome.Accepted accepted -> LOG.info("the seal of {} is open", asked.task());
      case Outcome.Rejected rejected ->
          LOG.warn("the seal of {} was not taken: {}", asked.task(), rejected.rejection());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    thread.shutdownNow();
  }
}
