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
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One blob on its way out: a chunk goes in pieces, as fast as the stream takes them, while the grid
 * is asked for the next chunks. Those take places that all downloads of a gateway share, so clients
 * that do not read hold no more of its memory than that and the chunk each is sent; without a place
 * a chunk is asked for when its turn comes.
 */
final class BlobDownload {
  private static final byte[] NOTHING = {};

  /** What a look for a chunk that is not held is charged, so that looking is not for nothing. */
  static final int LOOK_BYTES = 4 << 10;

  /** Chunks asked for beside the one that is sent. */
  private static final int AHEAD = 2;

  private final Function<Digest, Optional<byte[]>> grid;
  private final Executor threads;
  private final Semaphore places;
  private final Manifest manifest;
  private final List<Integer> wanted;
  private final boolean held;
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
      List<Integer> wanted,
      boolean held,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    this.grid = grid;
    this.threads = threads;
    this.places = places;
    this.manifest = manifest;
    this.wanted = wanted;
    this.held = held;
    this.bytes = bytes;
    this.stream = stream;
  }

  /**
   * Sends what the request asks for.
   *
   * @param grid a chunk by its digest, or nothing
   * @param threads that may block, for reading ahead
   * @param places one for each chunk that is read ahead
   * @param bytes charged with each chunk that is read, and a little for each that is left out
   */
  static void start(
      Function<Digest, Optional<byte[]>> grid,
      Executor threads,
      Semaphore places,
      Manifest manifest,
      GetRequest request,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    BlobDownload download =
        new BlobDownload(
            grid,
            threads,
            places,
            manifest,
            wanted(request, manifest.chunks().size()),
            request.getHeld(),
            bytes,
            stream);
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

  private static List<Integer> wanted(GetRequest request, int chunks) {
    int from = request.getFromChunk();
    int to = request.getToChunk() == 0 ? chunks : Math.min(chunks, request.getToChunk());
    if (from < 0 || request.getToChunk() < 0) {
      throw Refusals.invalid("chunks are counted from 0");
    }
    if (request.getHeld() && request.getVerified()) {
      throw Refusals.invalid("a node verifies what any node holds");
    }
    if (request.getOnlyCount() == 0) {
      return IntStream.range(from, to).boxed().toList();
    }
    int next = from;
    for (int index : request.getOnlyList()) {
      if (index < next || index >= to) {
        throw Refusals.invalid(
            "chunks of the range are named in ascending order, but %d came where %d to %d may"
                .formatted(index, next, to - 1));
      }
      next = index + 1;
    }
    return request.getOnlyList();
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
    return sentBytes == content.length && next >= wanted.size();
  }

  /** The next piece; none of a chunk that is left out. */
  private void send() {
    if (sentBytes == content.length) {
      content = takeNext();
      sentBytes = 0;
    }
    if (content.length == 0) {
      return;
    }
    int length = Math.min(WireLimits.PIECE_BYTES, content.length - sentBytes);
    stream.onNext(
        GetMessage.newBuilder()
            .setChunk(
                Chunk.newBuilder()
                    .setIndex(wanted.get(next - 1))
                    .setContent(UnsafeByteOperations.unsafeWrap(content, sentBytes, length)))
            .build());
    sentBytes += length;
  }

  private byte[] takeNext() {
    int index = wanted.get(next++);
    CompletableFuture<byte[]> waiting = ahead.poll();
    readAhead();
    return waiting == null ? read(index) : await(waiting);
  }

  private void readAhead() {
    while (next + ahead.size() < wanted.size() && ahead.size() < AHEAD && places.tryAcquire()) {
      int index = wanted.get(next + ahead.size());
      ahead.add(CompletableFuture.supplyAsync(() -> read(index), threads));
    }
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
    Optional<byte[]> chunk = grid.apply(manifest.chunks().get(index));
    if (chunk.isPresent()) {
      bytes.charge(manifest.chunkBytes(index));
      return chunk.get();
    }
    if (held) {
      bytes.charge(LOOK_BYTES);
      return NOTHING;
    }
    throw Status.NOT_FOUND
        .withDescription("chunk " + index + " of the blob is not in the grid")
        .asRuntimeException();
  }
}
