package io.shardex.scheduler.events;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ordered feed of committed events. The thread that applies the log publishes and never waits:
 * a reader that falls too far behind gets a {@link Committed.Resync} in place of what it missed.
 * The latest events are kept, so that a reader can resume.
 */
public final class CommittedEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CommittedEvents.class);

  private final int kept;
  private final int queued;
  private final ArrayDeque<Committed.Happened> history = new ArrayDeque<>();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private long droppedUpTo = -1;
  private long last = -1;

  /**
   * A feed before its first event.
   *
   * @param kept commands whose events are kept for readers that resume
   * @param queued commands a reader may be behind before it is resynced
   */
  public CommittedEvents(int kept, int queued) {
    this.kept = kept;
    this.queued = queued;
  }

  /** Publishes the events of one command. Called in log order, by one thread. */
  public synchronized void publish(Committed.Happened happened) {
    last = happened.index();
    history.addLast(happened);
    if (history.size() > kept) {
      droppedUpTo = history.removeFirst().index();
    }
    subscriptions.forEach(subscription -> subscription.offer(happened));
  }

  /** Says that a snapshot replaced the state at {@code index}. */
  public synchronized void resync(long index) {
    history.clear();
    droppedUpTo = index;
    last = index;
    subscriptions.forEach(subscription -> subscription.skipTo(index));
  }

  /** Every reader's end. */
  @Override
  public void close() {
    subscriptions.forEach(Subscription::close);
  }

  /**
   * Delivers everything after log index {@code after}, or a {@link Committed.Resync} if that is no
   * longer kept, and then what comes, one at a time on a thread of the subscription's own.
   *
   * @param after -1 for everything
   */
  public synchronized Subscription subscribe(long after, Consumer<Committed> reader) {
    Subscription subscription = new Subscription(reader);
    if (after < droppedUpTo || after > last) {
      subscription.skipTo(last);
    } else {
      history.stream().filter(past -> past.index() > after).forEach(subscription::offer);
    }
    subscriptions.add(subscription);
    Thread.ofVirtual().name("committed-events").start(subscription::deliver);
    return subscription;
  }

  /** Delivers only what happens from now on. */
  public synchronized Subscription subscribe(Consumer<Committed> reader) {
    return subscribe(last, reader);
  }

  /** One reader's place in the feed. A reader that throws misses that event only. */
  public final class Subscription implements AutoCloseable {
    private final Consumer<Committed> reader;
    private final ArrayDeque<Committed> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;

    private Subscription(Consumer<Committed> reader) {
      this.reader = reader;
    }

    private void offer(Committed committed) {
      lock.lock();
      try {
        if (waiting.size() >= queued) {
          skipTo(committed.index());
        } else {
          waiting.addLast(committed);
          changed.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    private void skipTo(long index) {
      lock.lock();
      try {
        waiting.clear();
        waiting.addLast(new Committed.Resync(index));
        changed.signal();
      } finally {
        lock.unlock();
      }
    }

    private void deliver() {
      Optional<Committed> next = take();
      while (next.isPresent()) {
        try {
          reader.accept(next.get());
        } catch (RuntimeException e) {
          log.error("a reader failed at index {}; it goes on after it", next.get().index(), e);
        }
        next = take();
      }
    }

    /** Waits for what is next; empty when closed. */
    private Optional<Committed> take() {
      lock.lock();
      try {
        while (waiting.isEmpty() && !closed) {
          changed.awaitUninterruptibly();
        }
        return closed ? Optional.empty() : Optional.of(waiting.removeFirst());
      } finally {
        lock.unlock();
      }
    }

    /** No more deliveries, but for one that may be under way. */
    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        changed.signal();
      } finally {
        lock.unlock();
      }
      subscriptions.remove(this);
    }
  }
}
