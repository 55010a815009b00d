package io.shardex.protocol.client;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.PutMessage;
import io.shardex.protocol.wire.PutReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One try to send a blob's missing chunks to one node. Sends only while the stream takes more, so
 * at most a few chunks are in memory.
 */
final class Upload implements ClientResponseObserver<PutMessage, PutReply> {
  private final BlobSource source;
  private final List<Integer> missing;
  private final BlobProgress progress;
  private final CompletableFuture<PutReply> reply = new CompletableFuture<>();
  private @Nullable ClientCallStreamObserver<PutMessage> stream;
  private @Nullable PutReply received;
  private boolean opened;
  private int sent;
  private long doneBytes;

  private Upload(BlobSource source, List<Integer> missing, BlobProgress progress) {
    this.source = source;
    this.missing = missing;
    this.progress = progress;
    this.doneBytes =
        source.manifest().totalBytes()
            - missing.stream().mapToLong(source.manifest()::chunkBytes).sum();
  }

  /** Sends and waits for the answer. */
  static PutReply send(
      BlobsGrpc.BlobsStub stub, BlobSource source, List<Integer> missing, BlobProgress progress)
      throws InterruptedException {
    Upload upload = new Upload(source, missing, progress);
    var unused = stub.put(upload);
    try {
      return upload.reply.get();
    } catch (InterruptedException e) {
      upload.cancel("interrupted");
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<PutMessage> requests) {
    stream = requests;
    requests.setOnReadyHandler(() -> pump(requests));
  }

  @Override
  public void onNext(PutReply value) {
    received = value;
  }

  @Override
  public void onError(Throwable failure) {
    reply.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    PutReply answer = received;
    if (answer == null) {
      reply.completeExceptionally(
          new StatusRuntimeException(Status.INTERNAL.withDescription("an upload got no answer")));
    } else {
      reply.complete(answer);
    }
  }

  /** Runs on the call's own thread, one run at a time. */
  private void pump(ClientCallStreamObserver<PutMessage> requests) {
    try {
      while (requests.isReady() && sent < missing.size()) {
        open(requests);
        int index = missing.get(sent);
        byte[] content = source.chunk(index);
        requests.onNext(
            PutMessage.newBuilder()
                .setChunk(
                    Chunk.newBuilder()
                        .setIndex(index)
                        .setContent(UnsafeByteOperations.unsafeWrap(content)))
                .build());
        sent++;
        doneBytes += content.length;
        progress.at(doneBytes, source.manifest().totalBytes());
        finishAfterLast(requests);
      }
      if (!opened) {
        open(requests);
        finishAfterLast(requests);
      }
    } catch (RuntimeException e) {
      // First here: cancelling makes onError say CANCELLED.
      reply.completeExceptionally(e);
      cancel("the content cannot be read");
    }
  }

  private void open(ClientCallStreamObserver<PutMessage> requests) {
    if (!opened) {
      opened = true;
      progress.at(doneBytes, source.manifest().totalBytes());
      requests.onNext(
          PutMessage.newBuilder()
              .setManifest(UnsafeByteOperations.unsafeWrap(source.manifest().encoded()))
              .build());
    }
  }

  private void finishAfterLast(ClientCallStreamObserver<PutMessage> requests) {
    if (sent == missing.size()) {
      requests.onCompleted();
    }
  }

  private void cancel(String why) {
    ClientCallStreamObserver<PutMessage> requests = stream;
    if (requests != null) {
      requests.cancel(why, null);
    }
  }
}
