package io.shardex.scheduler.gateway;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.BlobState;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.GetMessage;
import io.shardex.protocol.wire.GetRequest;
import io.shardex.protocol.wire.PutMessage;
import io.shardex.protocol.wire.PutReply;
import io.shardex.protocol.wire.StatReply;
import io.shardex.protocol.wire.StatRequest;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.BlobStat;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** Blobs in and out of the grid, for keys whose ticket says so. Runs on threads that may block. */
final class BlobService extends BlobsGrpc.BlobsImplBase {
  /** Chunks read ahead for all clients together. */
  static final int CHUNKS_AHEAD = 64;

  /** Chunks put beside others for all clients together: half as many as the grid has threads. */
  static final int CHUNKS_BESIDE = 8;

  private final BlobGrid grid;
  private final BlobGate gate;
  private final Throttle<Address> bytes;
  private final Executor threads;
  private final Semaphore ahead = new Semaphore(CHUNKS_AHEAD);
  private final Semaphore beside = new Semaphore(CHUNKS_BESIDE);

  /**
   * @param threads that may block, for reading ahead and putting side by side
   */
  BlobService(BlobGrid grid, BlobGate gate, Throttle<Address> bytes, Executor threads) {
    this.threads = threads;
    this.grid = grid;
    this.gate = gate;
    this.bytes = bytes;
  }

  @Override
  public StreamObserver<PutMessage> put(StreamObserver<PutReply> reply) {
    Address caller;
    try {
      caller = Sessions.requireCaller();
      bytes.take(caller, 0, "blob bytes");
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
      return new IgnoredUpload();
    }
    return new BlobUpload(caller, grid, gate, bytes.of(caller), threads, beside, reply);
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetMessage> reply) {
    try {
      Address caller = Sessions.requireCaller();
      bytes.take(caller, 0, "blob bytes");
      Digest blob = WireValues.digest(request.getBlob());
      gate.admitGet(caller, blob);
      Manifest manifest =
          grid.manifest(blob)
              .orElseThrow(
                  () ->
                      Status.NOT_FOUND
                          .withDescription("blob " + blob + " is not in the grid")
                          .asRuntimeException());
      BlobDownload.start(
          chunks(request),
          threads,
          ahead,
          manifest,
          request,
          bytes.of(caller),
          (ServerCallStreamObserver<GetMessage>) reply);
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
    }
  }

  private Function<Digest, Optional<byte[]>> chunks(GetRequest request) {
    if (request.getHeld()) {
      return grid::held;
    }
    return request.getVerified() ? grid::chunk : grid::unverified;
  }

  @Override
  public void stat(StatRequest request, StreamObserver<StatReply> reply) {
    StatReply.Builder states = StatReply.newBuilder();
    try {
      Sessions.requireCaller();
      if (request.getBlobsCount() > WireLimits.STATS) {
        throw Refusals.invalid(
            "at most %d blobs are asked about at once, not %d"
                .formatted(WireLimits.STATS, request.getBlobsCount()));
      }
      for (ByteString blob : request.getBlobsList()) {
        states.addBlobs(state(grid.stat(WireValues.digest(blob))));
      }
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
      return;
    }
    reply.onNext(states.build());
    reply.onCompleted();
  }

  private static BlobState state(BlobStat stat) {
    return switch (stat) {
      case BlobStat.Absent absent -> BlobState.getDefaultInstance();
      case BlobStat.Partial partial ->
          BlobState.newBuilder()
              .setAnnounced(true)
              .setTotalBytes(partial.totalBytes())
              .addAllMissing(partial.missing())
              .build();
      case BlobStat.Complete complete ->
          BlobState.newBuilder().setAnnounced(true).setTotalBytes(complete.totalBytes()).build();
    };
  }

  /** What is still on its way after a refusal. */
  private static final class IgnoredUpload implements StreamObserver<PutMessage> {
    @Override
    public void onNext(PutMessage message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
