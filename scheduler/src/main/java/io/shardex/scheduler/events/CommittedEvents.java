package io.shardex.scheduler.events;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The ordered feed of committed events. The thread that applies the log publishes and never waits:
 * a reader that falls too far behind gets a {@link Committed.Resync} in place of what it missed.
 * The latest events are kept, so that a reader can resume.
 */
public final class CommittedEvents implements AutoCloseable {
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

  /** One reader's place in the feed. */
  public final class Subscription implements AutoCloseable {
    private final Consumer<Committed> reader;
    private final ArrayDeque<Committed> waiting = new ArrayDeque<>();
    private boolean closed;

    private Subscription(Consumer<Committed> reader) {
      this.reader = reader;
    }

    private synchronized void offer(Committed committed) {
      if (waiting.size() >= queued) {
        skipTo(committed.index());
        return;
      }
      waiting.addLast(committed);
      notifyAll();
    }

    private synchronized void skipTo(long index) {
      waiting.clear();
      waiting.addLast(new Committed.Resync(index));
      notifyAll();
    }

    private void deliver() {
      List<Committed> next = take();
      while (!next.isEmpty()) {
        next.forEach(reader);
        next = take();
      }
    }

    /** Waits for what is next; empty when closed. */
    private synchronized List<Committed> take() {
      while (waiting.isEmpty() && !closed) {
        try {
          wait();
        } catch (InterruptedException e) {
          return List.of();
        }
      }
      List<Committed> taken = closed ? List.of() : new ArrayList<>(waiting);
      waiting.clear();
      return taken;
    }

    /** No more deliveries, but for one that may be under way. */
    @Override
    public synchronized void close() {
      closed = true;
      subscriptions.remove(this);
      notifyAll();
    }
  }
}
