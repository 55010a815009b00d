package io.shardex.scheduler.gateway;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.AgentGrpc;
import io.shardex.protocol.wire.AgentMessage;
import io.shardex.protocol.wire.NodeMessage;
import io.shardex.protocol.wire.Trailers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An agent's stream by hand, for tests of agents that do not behave. */
final class RawAgent {
  private final CompletableFuture<StatusRuntimeException> ended = new CompletableFuture<>();
  private final StreamObserver<AgentMessage> out;

  private RawAgent(AgentGrpc.AgentStub stub) {
    out = stub.connect(new Deaf(ended));
  }

  static RawAgent open(TestDoor door, Gateway gateway, SigningKey key) {
    Metadata headers = new Metadata();
    headers.put(Trailers.AUTHORIZATION, Trailers.BEARER + RawLogin.token(door, gateway, key));
    return new RawAgent(
        AgentGrpc.newStub(door.channel(gateway))
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)));
  }

  void say(AgentMessage message) {
    out.onNext(message);
  }

  /** How the node ended the stream. */
  StatusRuntimeException refused() throws Exception {
    return ended.get(20, TimeUnit.SECONDS);
  }

  /** Hears nothing but the end. */
  private record Deaf(CompletableFuture<StatusRuntimeException> ended)
      implements StreamObserver<NodeMessage> {
    @Override
    public void onNext(NodeMessage message) {}

    @Override
    public void onError(Throwable failure) {
      Metadata trailers = Status.trailersFromThrowable(failure);
      ended.complete(
          Status.fromThrowable(failure)
              .asRuntimeException(trailers == null ? new Metadata() : trailers));
    }

    @Override
    public void onCompleted() {
      ended.complete(Status.OK.asRuntimeException(new Metadata()));
    }
  }
}
