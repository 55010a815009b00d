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
import org.jspecify.annotations.Nullable;

/** One blob on its way in. A message is asked for when the one before is in the grid. */
final class BlobUpload implements StreamObserver<PutMessage> {
  private final Address caller;
  private final BlobGrid grid;
  private final BlobGate gate;
  private final TokenBucket bytes;
  private final StreamObserver<PutReply> reply;
  private @Nullable Manifest manifest;
  private int next;
  private boolean over;

  BlobUpload(
      Address caller,
      BlobGrid grid,
      BlobGate gate,
      TokenBucket bytes,
      StreamObserver<PutReply> reply) {
    this.caller = caller;
    this.grid = grid;
    this.gate = gate;
    this.bytes = bytes;
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
    grid.put(announced, chunk.getIndex(), chunk.getContent().toByteArray());
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
