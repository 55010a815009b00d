package io.shardex.protocol.client;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.wire.Committed;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.WatchReply;
import io.shardex.protocol.wire.WatchRequest;
import io.shardex.protocol.wire.WireValues;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader following the log. If its node is lost, it goes on at the next one where it stopped;
 * what it has seen already is left out. Never gives up until closed.
 */
public final class Watch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  /** What a watch tells, in the log's order, on one thread; may call {@link Watch#close}. */
  public interface Reader {
    /** What one command came to. */
    void committed(Stamp at, List<Event> events);

    /**
     * Events were left out. The reader queries the state, which is at {@code index} or later; the
     * events that follow are of later indices.
     */
    void resync(long index);
  }

  private final Nodes nodes;
  private final Optional<JobId> job;
  private final Reader reader;
  private final Context.CancellableContext context = Context.ROOT.withCancellation();
  private final CountDownLatch closing = new CountDownLatch(1);
  private Stamp next;

  private Watch(Nodes nodes, long fromIndex, Optional<JobId> job, Reader reader) {
    this.nodes = nodes;
    this.job = job;
    this.reader = reader;
    this.next = new Stamp(fromIndex, 0);
  }

  static Watch start(Nodes nodes, long fromIndex, Optional<JobId> job, Reader reader) {
    Watch watch = new Watch(nodes, fromIndex, job, reader);
    Thread.ofPlatform().daemon().name("shardex-watch").start(() -> watch.context.run(watch::run));
    return watch;
  }

  /** Ends the stream; the reader may still be in its last call. */
  @Override
  public void close() {
    closing.countDown();
    context.cancel(null);
  }

  private void run() {
    Backoff backoff = new Backoff(RandomGenerator.getDefault());
    while (closing.getCount() > 0) {
      NodeLink link = nodes.preferred();
      try {
        follow(link, backoff);
      } catch (StatusRuntimeException | MalformedBytes e) {
        if (closing.getCount() > 0) {
          LOG.debug("the watch at {} broke off: {}", link.address(), e.getMessage());
        }
        nodes.avoid(link);
      }
      await(backoff.next());
    }
  }

  private void follow(NodeLink link, Backoff backoff) {
    WatchRequest.Builder request = WatchRequest.newBuilder().setFromIndex(next.index());
    job.ifPresent(id -> request.setJob(WireValues.bytes(id)));
    Iterator<WatchReply> replies =
        MarketGrpc.newBlockingStub(link.channel()).watch(request.build());
    while (closing.getCount() > 0 && replies.hasNext()) {
      WatchReply reply = replies.next();
      backoff.reset();
      switch (reply.getWhatCase()) {
        case COMMITTED -> read(reply.getCommitted());
        case RESYNC -> {
          long index = reply.getResync().getIndex();
          Stamp after = new Stamp(index + 1, 0);
          // A node that lags behind the last one says so of what was read already.
          if (after.compareTo(next) > 0) {
            next = after;
            reader.resync(index);
          }
        }
        case WHAT_NOT_SET -> throw new MalformedBytes("an empty message came in a watch");
      }
    }
  }

  private void read(Committed committed) {
    Stamp at = new Stamp(committed.getIndex(), committed.getOffset());
    if (at.compareTo(next) >= 0) {
      List<Event> events = WireValues.values(EventCodecs.EVENT, committed.getEventsList());
      next = new Stamp(at.index(), at.offset() + 1);
      reader.committed(at, events);
    }
  }

  private void await(Duration pause) {
    try {
      boolean closed = closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      LOG.trace("waited {} (closed: {})", pause, closed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }
}
