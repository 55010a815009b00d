package io.shardex.scheduler.gateway;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.GetMessage;
import io.shardex.protocol.wire.GetRequest;
import io.shardex.protocol.wire.WireLimits;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * One blob on its way out: a chunk goes in pieces, as fast as the stream takes them, while the grid
 * is asked for the next chunks. Those take places that all downloads of a gateway share, so clients
 * that do not read hold no more of its memory than that and the chunk each is sent; without a place
 * a chunk is asked for when its turn comes.
 */
final class BlobDownload {
  private static final byte[] NOTHING = {};

  /** Chunks asked for beside the one that is sent. */
  private static final int AHEAD = 2;

  private final Function<Digest, Optional<byte[]>> grid;
  private final Executor threads;
  private final Semaphore places;
  private final Manifest manifest;
  private final int to;
  private final TokenBucket bytes;
  private final ServerCallStreamObserver<GetMessage> stream;
  private final Queue<CompletableFuture<byte[]>> ahead = new ArrayDeque<>(AHEAD);
  private int next;
  private byte[] content = NOTHING;
  private int sentBytes;
  private boolean over;

  private BlobDownload(
      Function<Digest, Optional<byte[]>> grid,
      Executor threads,
      Semaphore places,
      Manifest manifest,
      int from,
      int to,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    this.grid = grid;
    this.threads = threads;
    this.places = places;
    this.manifest = manifest;
    this.next = from;
    this.to = to;
    this.bytes = bytes;
    this.stream = stream;
  }

  /**
   * Sends what the request asks for.
   *
   * @param grid a chunk by its digest, or nothing
   * @param threads that may block, for reading ahead
   * @param places one for each chunk that is read ahead
   * @param bytes charged with each chunk when the grid is asked for it
   */
  static void start(
      Function<Digest, Optional<byte[]>> grid,
      Executor threads,
      Semaphore places,
      Manifest manifest,
      GetRequest request,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    int chunks = manifest.chunks().size();
    int from = request.getFromChunk();
    int to = request.getToChunk() == 0 ? chunks : Math.min(chunks, request.getToChunk());
    if (from < 0 || request.getToChunk() < 0) {
      throw Refusals.invalid("chunks are counted from 0");
    }
    BlobDownload download =
        new BlobDownload(grid, threads, places, manifest, from, to, bytes, stream);
    // By default a stream takes the next message when less than 32 KiB wait, so it would run dry.
    stream.setOnReadyThreshold(Manifest.CHUNK_BYTES);
    stream.setOnReadyHandler(download::pump);
    // A client that hangs up is no error of ours.
    stream.setOnCancelHandler(download::end);
    stream.onNext(
        GetMessage.newBuilder()
            .setManifest(UnsafeByteOperations.unsafeWrap(manifest.encoded()))
            .build());
    download.pump();
  }

  private void pump() {
    if (over) {
      return;
    }
    try {
      while (!isSent() && stream.isReady() && !stream.isCancelled()) {
        send();
      }
    } catch (RuntimeException e) {
      end();
      stream.onError(Refusals.of(e));
      return;
    }
    if (isSent() && !stream.isCancelled()) {
      end();
      stream.onCompleted();
    }
  }

  /** Gives the places back, each when its chunk has been read. */
  private void end() {
    over = true;
    content = NOTHING;
    while (!ahead.isEmpty()) {
      var unused = ahead.remove().whenComplete((chunk, failure) -> places.release());
    }
  }

  private boolean isSent() {
    return sentBytes == content.length && next >= to;
  }

  private void send() {
    if (sentBytes == content.length) {
      content = takeNext();
      sentBytes = 0;
    }
    int length = Math.min(WireLimits.PIECE_BYTES, content.length - sentBytes);
    stream.onNext(
        GetMessage.newBuilder()
            .setChunk(
                Chunk.newBuilder()
                    .setIndex(next - 1)
                    .setContent(UnsafeByteOperations.unsafeWrap(content, sentBytes, length)))
            .build());
    sentBytes += length;
  }

  private byte[] takeNext() {
    int index = next++;
    CompletableFuture<byte[]> waiting = ahead.poll();
    readAhead();
    return waiting == null ? read(charged(index)) : await(waiting);
  }

  private void readAhead() {
    while (next + ahead.size() < to && ahead.size() < AHEAD && places.tryAcquire()) {
      int index = charged(next + ahead.size());
      ahead.add(CompletableFuture.supplyAsync(() -> read(index), threads));
    }
  }

  private int charged(int index) {
    bytes.charge(manifest.chunkBytes(index));
    return index;
  }

  private byte[] await(CompletableFuture<byte[]> chunk) {
    try {
      return chunk.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    } finally {
      places.release();
    }
  }

  private byte[] read(int index) {
    Digest digest = manifest.chunks().get(index);
    return grid.apply(digest)
        .orElseThrow(
            () ->
                Status.NOT_FOUND
                    .withDescription("chunk " + index + " of the blob is not in the grid")
                    .asRuntimeException());
  }
}
