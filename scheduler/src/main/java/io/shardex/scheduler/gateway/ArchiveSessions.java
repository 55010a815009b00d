package io.shardex.scheduler.gateway;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.wire.ArchiveReply;
import io.shardex.protocol.wire.ArchiveRequest;
import io.shardex.scheduler.archive.LogArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Readers of the archive over the wire: few at a time, none faster than its stream takes and all
 * together no faster than a bound, so that audits cannot starve the market.
 */
final class ArchiveSessions {
  static final int AT_A_TIME = 4;
  private static final long BYTES_PER_SECOND = 64L << 20;

  /** A reader that takes nothing for so long loses its place. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final Semaphore places = new Semaphore(AT_A_TIME);
  private final TokenBucket bytes;

  ArchiveSessions(InstantSource clock) {
    this.bytes = new TokenBucket(BYTES_PER_SECOND, clock);
  }

  /** Answers on a thread of its own; throws what refuses the call. */
  void open(
      LogArchive archive, ArchiveRequest request, ServerCallStreamObserver<ArchiveReply> stream) {
    if (request.getFromIndex() < 0 || request.getToIndex() < 0) {
      throw Refusals.invalid(
          "the log has no indices %d to %d"
              .formatted(request.getFromIndex(), request.getToIndex()));
    }
    Semaphore ready = new Semaphore(0);
    stream.setOnReadyHandler(ready::release);
    stream.setOnCancelHandler(ready::release);
    if (!places.tryAcquire()) {
      throw Refusals.tooMany(
          "this node serves %d readers of its archive at a time".formatted(AT_A_TIME), COME_BACK);
    }
    LogArchive.Reading reading;
    try {
      reading = archive.read(request.getFromIndex(), request.getToIndex());
    } catch (IOException e) {
      places.release();
      throw new UncheckedIOException("the archive cannot be read", e);
    } catch (RuntimeException e) {
      places.release();
      throw e;
    }
    Thread unused =
        Thread.ofVirtual().name("archive-reader").start(() -> serve(reading, ready, stream));
  }

  private void serve(
      LogArchive.Reading reading, Semaphore ready, ServerCallStreamObserver<ArchiveReply> stream) {
    try (reading) {
      Optional<LogEntry> entry = reading.next();
      while (entry.isPresent() && awaitReady(stream, ready)) {
        bytes.charge(entry.get().bytes().length);
        stream.onNext(
            ArchiveReply.newBuilder()
                .setIndex(entry.get().index())
                .setPrevious(entry.get().previous())
                .setEntry(ByteString.copyFrom(entry.get().bytes()))
                .build());
        entry = reading.next();
      }
      if (!stream.isCancelled()) {
        stream.onCompleted();
      }
    } catch (IOException | RuntimeException e) {
      if (!stream.isCancelled()) {
        stream.onError(Refusals.of(e));
      }
    } catch (InterruptedException e) {
      stream.onError(Refusals.notReady());
    } finally {
      places.release();
    }
  }

  /** Waits until the stream and the bound on bytes let another entry go; false if cancelled. */
  private boolean awaitReady(ServerCallStreamObserver<ArchiveReply> stream, Semaphore ready)
      throws InterruptedException {
    Optional<Duration> wait = bytes.take(0);
    while (wait.isPresent() && !stream.isCancelled()) {
      Thread.sleep(wait.get());
      wait = bytes.take(0);
    }
    while (!stream.isReady() && !stream.isCancelled()) {
      if (!ready.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Refusals.tooMany(
            "the archive's reader took nothing for %d s".formatted(LONGEST_WAIT.toSeconds()),
            COME_BACK);
      }
    }
    return !stream.isCancelled();
  }
}
