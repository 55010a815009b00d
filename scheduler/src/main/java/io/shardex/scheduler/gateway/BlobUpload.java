package io.shardex.scheduler.gateway;

import io.grpc.stub.StreamObserver;
import io.shardex.market.Address;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.PutMessage;
import io.shardex.protocol.wire.PutReply;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.BlobStat;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way in: a message is asked for when the one before is in the grid or on its way
 * there beside a few others. Those take places that all uploads of a gateway share; without a place
 * a chunk is put before the next is asked for.
 */
final class BlobUpload implements StreamObserver<PutMessage> {
  /** Chunks on their way into the grid beside the one that comes. */
  static final int BESIDE = 3;

  private final Address caller;
  private final BlobGrid grid;
  private final BlobGate gate;
  private final TokenBucket bytes;
  private final Executor threads;
  private final Semaphore places;
  private final StreamObserver<PutReply> reply;
  private final Queue<CompletableFuture<Void>> underWay = new ArrayDeque<>(BESIDE);
  private @Nullable Manifest manifest;
  private int next;
  private boolean over;

  /**
   * @param bytes charged with each chunk that comes
   * @param threads that may block, for chunks on their way
   * @param places one for each of them
   */
  BlobUpload(
      Address caller,
      BlobGrid grid,
      BlobGate gate,
      TokenBucket bytes,
      Executor threads,
      Semaphore places,
      StreamObserver<PutReply> reply) {
    this.caller = caller;
    this.grid = grid;
    this.gate = gate;
    this.bytes = bytes;
    this.threads = threads;
    this.places = places;
    this.reply = reply;
  }

  @Override
  public void onNext(PutMessage message) {
    if (over) {
      return;
    }
    try {
      switch (message.getWhatCase()) {
        case MANIFEST -> begin(message.getManifest().toByteArray());
        case CHUNK -> take(message.getChunk());
        case WHAT_NOT_SET -> throw Refusals.invalid("an upload's message is empty");
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    // The client is gone; what has arrived stays until it is sent again or swept.
    over = true;
  }

  @Override
  public void onCompleted() {
    if (over) {
      return;
    }
    over = true;
    PutReply answer;
    try {
      Manifest announced = announced();
      while (!underWay.isEmpty()) {
        var unused = underWay.remove().join();
      }
      answer =
          PutReply.newBuilder()
              .setBlob(WireValues.bytes(announced.id()))
              .setStored(grid.stat(announced.id()) instanceof BlobStat.Complete)
              .build();
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
      return;
    }
    reply.onNext(answer);
    reply.onCompleted();
  }

  private void begin(byte[] encoded) {
    if (manifest != null) {
      throw Refusals.invalid("an upload has one manifest, and a second one came");
    }
    if (encoded.length > WireLimits.MANIFEST_BYTES) {
      throw Refusals.invalid("a manifest has at most " + WireLimits.MANIFEST_BYTES + " bytes");
    }
    Manifest claimed = Manifest.decode(encoded);
    grid.announce(gate.admitPut(caller, claimed), claimed);
    manifest = claimed;
  }

  private void take(Chunk chunk) {
    Manifest announced = announced();
    if (chunk.getIndex() < next) {
      throw Refusals.invalid(
          "chunks come in ascending order, but %d came after %d"
              .formatted(chunk.getIndex(), next - 1));
    }
    next = chunk.getIndex() + 1;
    bytes.charge(chunk.getContent().size());
    if (underWay.size() == BESIDE) {
      var unused = underWay.remove().join();
    }
    int index = chunk.getIndex();
    byte[] content = chunk.getContent().toByteArray();
    if (places.tryAcquire()) {
      underWay.add(
          CompletableFuture.runAsync(() -> grid.put(announced, index, content), threads)
              .whenComplete((nothing, failure) -> places.release()));
    } else {
      grid.put(announced, index, content);
    }
  }

  private Manifest announced() {
    if (manifest == null) {
      throw Refusals.invalid("an upload begins with its manifest");
    }
    return manifest;
  }

  private void fail(RuntimeException failure) {
    over = true;
    reply.onError(Refusals.of(failure));
  }
}
