package io.shardex.worker.lease;

import io.shardex.market.Event;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMeter;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one lease at a time and has it executed, on a thread of its own. Nothing a lease brings
 * stops the runner: a lease that cannot be fulfilled ends with a reason, and the next one is taken.
 */
public final class LeaseRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRunner.class);

  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** Hears of each training step. */
  public interface Progress {
    void stepped(TaskId task, long fence, int step, int steps, double meanLoss);
  }

  /** Whom a runner works for: the worker's key, and how it signs in which network. */
  public record Author(SigningKey key, EnvelopeSigner signer, NetworkId network) {}

  private final LeaseExecution execution;
  private final Runtimes runtimes;
  private final LeaseDelivery delivery;
  private final LeaseCheckpoints checkpoints;
  private final WorkerMeter meter;
  private final Consumer<LeaseEnd> ended;
  private final ExecutorService thread;
  private @Nullable HeldLease held;

  /** The lease before it, while the answer to its commitment is under way. */
  private @Nullable HeldLease answering;

  private boolean leaving;
  private boolean closed;

  /**
   * A runner that waits for leases.
   *
   * @param folder open, and the caller's to close
   * @param ended hears of each lease's end, on the runner's thread
   * @param binding of each lease's work
   */
  public LeaseRunner(
      Author author,
      Link link,
      LeaseFolder folder,
      Runtimes runtimes,
      WorkerMeter meter,
      Progress progress,
      Consumer<LeaseEnd> ended,
      Binding binding) {
    this(author, link, folder, runtimes, meter, progress, ended, binding, Thread::sleep);
  }

  LeaseRunner(
      Author author,
      Link link,
      LeaseFolder folder,
      Runtimes runtimes,
      WorkerMeter meter,
      Progress progress,
      Consumer<LeaseEnd> ended,
      Binding binding,
      Patience.Pause pause) {
    CommandSender sender = new CommandSender(author.signer(), link, pause);
    this.delivery = new LeaseDelivery(author, folder.journal(), sender, link);
    this.checkpoints =
        new LeaseCheckpoints(folder.checkpoint(), link, sender, delivery, meter, pause);
    this.execution =
        new LeaseExecution(
            folder.staging(),
            runtimes,
            checkpoints,
            delivery,
            sender,
            binding,
            meter,
            progress,
            pause);
    this.runtimes = runtimes;
    this.meter = meter;
    this.ended = ended;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shardex-lease").factory());
  }

  /**
   * Takes a lease, unless it is the one that is held; another one that is still held is over. If
   * its result was committed, the answer to that may arrive: the market can grant the next lease
   * before. Returns at once.
   */
  public void take(LeaseOffer offer) {
    take(delivery.held(offer));
  }

  /**
   * Takes a lease only to give it up, because it cannot be worked on here; one whose result is
   * committed is taken. Returns at once.
   */
  public void refuse(LeaseOffer offer, String why) {
    HeldLease lease = delivery.held(offer);
    lease.fail(why);
    take(lease);
  }

  private synchronized void take(HeldLease lease) {
    if (closed || leaving || isHeld(lease)) {
      return;
    }
    if (answering != null) {
      answering.stop(LeaseEnd.Outcome.GONE, "another lease came");
      answering = null;
    }
    if (held != null && held.isCommitted()) {
      answering = held;
    } else if (held != null) {
      held.stop(LeaseEnd.Outcome.GONE, "another lease came");
    }
    held = lease;
    thread.execute(() -> run(lease));
  }

  private boolean isHeld(HeldLease lease) {
    LeaseOffer offer = lease.offer();
    return held != null && held.is(offer.task(), offer.fence()) && !held.isOver();
  }

  /**
   * Hears that a lease is over. Returns at once.
   *
   * @param why {@code COMMITTED}, or {@code MOVED} from a node that does not know why, lets the
   *     answer to a commitment arrive: the market takes it, or says why it came too late
   */
  public synchronized void gone(TaskId task, long fence, String why) {
    boolean answerIsDue = why.equals("COMMITTED") || why.equals("MOVED");
    if (held != null && held.is(task, fence) && !(answerIsDue && held.isCommitted())) {
      held.stop(LeaseEnd.Outcome.GONE, why);
    }
  }

  /**
   * Ends the lease that is held as one whose run broke off, and gives it up; one whose result is
   * committed stays. Returns at once.
   */
  public synchronized void fail(String why) {
    if (held != null) {
      held.fail(why);
    }
  }

  /** The lease that is worked on. */
  public synchronized Optional<TaskId> current() {
    return held == null ? Optional.empty() : Optional.of(held.offer().task());
  }

  /** Waits until no lease is held; false if that takes longer. */
  public synchronized boolean awaitIdle(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (held != null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /**
   * Takes no lease any more, and gives up the one that is held unless its result is committed;
   * before that it is saved as far as it is, if its job has checkpoints.
   *
   * @param atMost how long to wait for that
   * @return whether no lease is held any more
   */
  public boolean leave(Duration atMost) throws InterruptedException {
    return leave(false, atMost);
  }

  /**
   * Takes no lease any more, and stops the work on the one that is held, which stays this worker's;
   * before that it is saved as far as it is, if its job has checkpoints.
   *
   * @param atMost how long to wait for that
   * @return whether no lease is worked on any more
   */
  public boolean pause(Duration atMost) throws InterruptedException {
    return leave(true, atMost);
  }

  private boolean leave(boolean keep, Duration atMost) throws InterruptedException {
    synchronized (this) {
      leaving = true;
      if (held != null && !held.isCommitted()) {
        held.leave(keep);
      }
    }
    return awaitIdle(atMost);
  }

  /** Abandons the lease that is held, and waits up to 5 s for the thread to let go of it. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      for (HeldLease lease : Stream.of(answering, held).filter(Objects::nonNull).toList()) {
        lease.stop(LeaseEnd.Outcome.ABANDONED, HeldLease.STOPS);
      }
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the lease's thread does not end; it is left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runtimes.rest();
  }

  private void run(HeldLease lease) {
    LeaseEnd end = lease.begin() ? execution.end(lease) : lease.end();
    lease.finish();
    if (lease.isLeft()) {
      delivery.giveUp(lease, Event.Failure.LEAVING, this::isClosed);
    } else if (lease.isOver() && end.outcome() == LeaseEnd.Outcome.FAILED) {
      delivery.giveUp(lease, Event.Failure.RUN_FAILED, this::isClosed);
    }
    if (lease.isLeft() || end.outcome() != LeaseEnd.Outcome.ABANDONED) {
      checkpoints.forget(end);
    }
    LOG.info(
        "lease of {} with fence {} ended: {} ({})",
        end.task(),
        end.fence(),
        end.outcome().label(),
        end.detail());
    meter.leaseEnded(end.outcome().label());
    synchronized (this) {
      if (held == lease) {
        held = null;
      }
      if (answering == lease) {
        answering = null;
      }
      notifyAll();
    }
    ended.accept(end);
  }

  private synchronized boolean isClosed() {
    return closed;
  }
}
