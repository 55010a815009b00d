package io.shardex.scheduler.gateway;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.GetMessage;
import io.shardex.protocol.wire.GetRequest;
import io.shardex.scheduler.grid.BlobGrid;

/** One blob on its way out: reads a chunk when the stream takes one. */
final class BlobDownload {
  private final BlobGrid grid;
  private final Manifest manifest;
  private final int to;
  private final TokenBucket bytes;
  private final ServerCallStreamObserver<GetMessage> stream;
  private int next;
  private boolean over;

  private BlobDownload(
      BlobGrid grid,
      Manifest manifest,
      int from,
      int to,
      TokenBucket bytes,
      ServerCallStreamObserver<GetMessage> stream) {
    this.grid = grid;
    this.manifest = manifest;
    this.next = from;
    this.to = to;
    this.bytes = bytes;
    this.stream = stream;
  }

  static void start(
      BlobGrid grid,
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
    BlobDownload download = new BlobDownload(grid, manifest, from, to, bytes, stream);
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
      while (next < to && stream.isReady() && !stream.isCancelled()) {
        send(next++);
      }
    } catch (RuntimeException e) {
      over = true;
      stream.onError(Refusals.of(e));
      return;
    }
    if (next >= to && !stream.isCancelled()) {
      over = true;
      stream.onCompleted();
    }
  }

  private void send(int index) {
    Digest digest = manifest.chunks().get(index);
    byte[] content =
        grid.chunk(digest)
            .orElseThrow(
                () ->
                    Status.NOT_FOUND
                        .withDescription("chunk " + index + " of the blob is not in the grid")
                        .asRuntimeException());
    bytes.charge(content.length);
    stream.onNext(
        GetMessage.newBuilder()
            .setChunk(
                Chunk.newBuilder()
                    .setIndex(index)
                    .setContent(UnsafeByteOperations.unsafeWrap(content)))
            .build());
  }
}
