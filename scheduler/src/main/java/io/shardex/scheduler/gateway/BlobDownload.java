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
import io.shardex.scheduler.grid.BlobGrid;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * One blob on its way out: a chunk goes in pieces, as fast as the stream takes them, while the grid
 * is asked for the next chunks.
 */
final class BlobDownload {
  /** Chunks asked for beside the one that is sent: their bytes and its own are held in memory. */
  private static final int AHEAD = 2;

  private final BlobGrid grid;
  private final Executor threads;
  private final Manifest manifest;
  private final int to;
  private final TokenBucket bytes;
  private final ServerCallStreamObserver<GetMessage> stream;
  private final Queue<CompletableFuture<byte[]>> ahead = new ArrayDeque<>(AHEAD + 1);
  private int asked;
  private int next;
  private byte[] content = {};
  private int sentBytes;
  private boolean over;

  private BlobDownload(
      BlobGrid grid,
      Executor threads,
      Manifest manifest,
      int from,
      int to,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    this.grid = grid;
    this.threads = threads;
    this.manifest = manifest;
    this.asked = from;
    this.next = from;
    this.to = to;
    this.bytes = bytes;
    this.stream = stream;
  }

  /**
   * Sends what the request asks for.
   *
   * @param threads that may block, for reading
   */
  static void start(
      BlobGrid grid,
      Executor threads,
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
    BlobDownload download = new BlobDownload(grid, threads, manifest, from, to, bytes, stream);
    // By default a stream takes the next message when less than 32 KiB wait, so it would run dry.
    stream.setOnReadyThreshold(Manifest.CHUNK_BYTES);
    stream.setOnReadyHandler(download::pump);
    // A client that hangs up is no error of ours.
    stream.setOnCancelHandler(() -> {});
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
      over = true;
      stream.onError(Refusals.of(e));
      return;
    }
    if (isSent() && !stream.isCancelled()) {
      over = true;
      stream.onCompleted();
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
    for (; asked < to && asked <= next + AHEAD; asked++) {
      int index = asked;
      ahead.add(CompletableFuture.supplyAsync(() -> read(index), threads));
    }
    next++;
    byte[] taken = await(ahead.remove());
    bytes.charge(taken.length);
    return taken;
  }

  private static byte[] await(CompletableFuture<byte[]> chunk) {
    try {
      return chunk.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private byte[] read(int index) {
    Digest digest = manifest.chunks().get(index);
    return grid.chunk(digest)
        .orElseThrow(
            () ->
                Status.NOT_FOUND
                    .withDescription("chunk " + index + " of the blob is not in the grid")
                    .asRuntimeException());
  }
}
