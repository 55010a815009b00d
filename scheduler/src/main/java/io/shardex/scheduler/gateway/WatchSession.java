package io.shardex.scheduler.gateway;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.codec.EventCodecs;
import io.shardex.protocol.wire.Resync;
import io.shardex.protocol.wire.WatchReply;
import io.shardex.protocol.wire.WatchRequest;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.archive.IndexRange;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.events.JobsOf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of the log over the wire. It takes events from the feed only while its stream takes
 * more; what it leaves waiting is bounded by the feed, which says RESYNC in its place. One that
 * follows a job gets what the feed left out from the job's chronicle, and a RESYNC only for what a
 * snapshot replaced.
 */
final class WatchSession {
  private static final Logger LOG = LoggerFactory.getLogger(WatchSession.class);

  private final ServerCallStreamObserver<WatchReply> stream;
  private final NodeHistory history;
  private final Optional<JobId> job;
  private final Semaphore ready = new Semaphore(0);

  /** The first place not sent yet. */
  private Stamp next;

  private WatchSession(
      ServerCallStreamObserver<WatchReply> stream,
      NodeHistory history,
      Optional<JobId> job,
      long fromIndex) {
    this.stream = stream;
    this.history = history;
    this.job = job;
    this.next = new Stamp(fromIndex, 0);
  }

  static void open(
      MarketPort market,
      WatchRequest request,
      GatewayMetrics metrics,
      ServerCallStreamObserver<WatchReply> stream) {
    if (request.getFromIndex() < 0) {
      throw Refusals.invalid("the log has no index " + request.getFromIndex());
    }
    WatchSession session =
        new WatchSession(
            stream,
            market.history(),
            WireValues.optionalJob(request.getJob()),
            request.getFromIndex());
    Subscription subscription = new Subscription();
    stream.setOnReadyHandler(session.ready::release);
    stream.setOnCancelHandler(
        () -> {
          metrics.sessions(GatewayMetrics.Role.WATCHER, -1);
          subscription.close();
          session.ready.release();
        });
    metrics.sessions(GatewayMetrics.Role.WATCHER, 1);
    subscription.set(market.events().subscribe(request.getFromIndex() - 1, session::read));
  }

  /** Runs on the subscription's thread, in the log's order. */
  private void read(Committed committed) {
    switch (committed) {
      case Committed.Happened happened ->
          send(new Stamp(happened.index(), happened.offset()), happened.events());
      case Committed.Resync resync -> {
        if (job.isPresent() && resync.index() >= next.index()) {
          catchUp(job.get(), resync.index());
        } else {
          resync(resync.index());
        }
      }
    }
  }

  /** Sends the job's history up to {@code to}; the chronicle was written before the feed spoke. */
  private void catchUp(JobId followed, long to) {
    ArrayDeque<IndexRange> holes =
        history.holes(to).stream()
            .filter(hole -> hole.last() >= next.index())
            .collect(Collectors.toCollection(ArrayDeque::new));
    boolean[] over = {false};
    try {
      history
          .jobs()
          .read(
              followed,
              next.index(),
              to,
              what -> {
                skip(holes, what.at().index());
                send(what.at(), what.events());
                over[0] |= what.events().stream().anyMatch(Event.JobArchived.class::isInstance);
                return !stream.isCancelled();
              });
    } catch (IOException e) {
      LOG.error("the history of job {} cannot be read", followed, e);
      resync(to);
      return;
    }
    if (!over[0]) {
      skip(holes, to + 1);
    }
    next = later(next, new Stamp(to + 1, 0));
  }

  /** Tells of the holes before an index. */
  private void skip(ArrayDeque<IndexRange> holes, long before) {
    while (!holes.isEmpty() && holes.getFirst().first() < before) {
      resync(holes.removeFirst().last());
    }
  }

  private void resync(long index) {
    if (awaitReady()) {
      stream.onNext(WatchReply.newBuilder().setResync(Resync.newBuilder().setIndex(index)).build());
      next = later(next, new Stamp(index + 1, 0));
    }
  }

  private void send(Stamp at, List<Event> events) {
    List<Event> wanted =
        job.map(id -> events.stream().filter(event -> JobsOf.touches(event, id)).toList())
            .orElse(events);
    if (at.compareTo(next) < 0 || !awaitReady()) {
      return;
    }
    if (!wanted.isEmpty()) {
      stream.onNext(
          WatchReply.newBuilder()
              .setCommitted(
                  io.shardex.protocol.wire.Committed.newBuilder()
                      .setIndex(at.index())
                      .setOffset(at.offset())
                      .addAllEvents(WireValues.bytes(EventCodecs.EVENT, wanted)))
              .build());
    }
    next = new Stamp(at.index(), at.offset() + 1);
  }

  private static Stamp later(Stamp a, Stamp b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private boolean awaitReady() {
    while (!stream.isReady() && !stream.isCancelled()) {
      try {
        ready.acquire();
      } catch (InterruptedException e) {
        stream.onError(Status.UNAVAILABLE.withDescription("the node stops").asRuntimeException());
        return false;
      }
    }
    return !stream.isCancelled();
  }

  /** A subscription that may be cancelled before it is made. */
  private static final class Subscription {
    private CommittedEvents.@Nullable Subscription made;
    private boolean closed;

    synchronized void set(CommittedEvents.Subscription subscription) {
      made = subscription;
      if (closed) {
        subscription.close();
      }
    }

    synchronized void close() {
      closed = true;
      if (made != null) {
        made.close();
      }
    }
  }
}
