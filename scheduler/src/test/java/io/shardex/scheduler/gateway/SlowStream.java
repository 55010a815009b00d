package io.shardex.scheduler.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.protocol.wire.GetMessage;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** A download's stream whose client takes pieces when the test says so. */
final class SlowStream extends ServerCallStreamObserver<GetMessage> {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private Runnable whenReady = () -> {};
  private Runnable whenCancelled = () -> {};
  private int wanted;
  private boolean cancelled;
  private boolean completed;
  private @Nullable Throwable failure;

  SlowStream(int wantedPieces) {
    wanted = wantedPieces;
  }

  /** The client takes so many pieces more. */
  void take(int pieces) {
    wanted += pieces;
    whenReady.run();
  }

  /** The client hangs up. */
  void cancel() {
    cancelled = true;
    whenCancelled.run();
  }

  byte[] content() {
    return taken.toByteArray();
  }

  boolean isCompleted() {
    return completed;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public void onNext(GetMessage message) {
    if (message.hasChunk()) {
      wanted--;
      taken.writeBytes(message.getChunk().getContent().toByteArray());
    }
  }

  @Override
  public void onError(Throwable why) {
    failure = why;
  }

  @Override
  public void onCompleted() {
    completed = true;
  }

  @Override
  public boolean isReady() {
    return wanted > 0;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    whenReady = handler;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    whenCancelled = handler;
  }

  @Override
  public void setCompression(String compression) {}

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void request(int count) {}
}
