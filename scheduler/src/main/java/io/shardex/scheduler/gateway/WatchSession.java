package io.shardex.scheduler.gateway;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.codec.EventCodecs;
import io.shardex.protocol.wire.Resync;
import io.shardex.protocol.wire.WatchReply;
import io.shardex.protocol.wire.WatchRequest;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.events.CommittedEvents;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One reader of the log over the wire. It takes events from the feed only while its stream takes
 * more; what it leaves waiting is bounded by the feed, which says RESYNC in its place.
 */
final class WatchSession {
  private final ServerCallStreamObserver<WatchReply> stream;
  private final Optional<JobId> job;
  private final Semaphore ready = new Semaphore(0);

  private WatchSession(ServerCallStreamObserver<WatchReply> stream, Optional<JobId> job) {
    this.stream = stream;
    this.job = job;
  }

  static void open(
      CommittedEvents events,
      WatchRequest request,
      GatewayMetrics metrics,
      ServerCallStreamObserver<WatchReply> stream) {
    if (request.getFromIndex() < 0) {
      throw Refusals.invalid("the log has no index " + request.getFromIndex());
    }
    WatchSession session = new WatchSession(stream, WireValues.optionalJob(request.getJob()));
    Subscription subscription = new Subscription();
    stream.setOnReadyHandler(session.ready::release);
    stream.setOnCancelHandler(
        () -> {
          metrics.sessions(GatewayMetrics.Role.WATCHER, -1);
          subscription.close();
          session.ready.release();
        });
    metrics.sessions(GatewayMetrics.Role.WATCHER, 1);
    subscription.set(events.subscribe(request.getFromIndex() - 1, session::read));
  }

  /** Runs on the subscription's thread, in the log's order. */
  private void read(Committed committed) {
    if (!awaitReady()) {
      return;
    }
    switch (committed) {
      case Committed.Happened happened -> send(happened);
      case Committed.Resync resync ->
          stream.onNext(
              WatchReply.newBuilder()
                  .setResync(Resync.newBuilder().setIndex(resync.index()))
                  .build());
    }
  }

  private void send(Committed.Happened happened) {
    List<Event> wanted =
        job.map(
                id ->
                    happened.events().stream().filter(event -> JobsOf.touches(event, id)).toList())
            .orElse(happened.events());
    if (!wanted.isEmpty()) {
      stream.onNext(
          WatchReply.newBuilder()
              .setCommitted(
                  io.shardex.protocol.wire.Committed.newBuilder()
                      .setIndex(happened.index())
                      .setOffset(happened.offset())
                      .addAllEvents(WireValues.bytes(EventCodecs.EVENT, wanted)))
              .build());
    }
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
