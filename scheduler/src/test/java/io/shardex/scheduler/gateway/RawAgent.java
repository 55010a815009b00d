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
final class RawAgent implements StreamObserver<NodeMessage> {
  private final CompletableFuture<StatusRuntimeException> ended = new CompletableFuture<>();
  private StreamObserver<AgentMessage> out;

  private RawAgent() {}

  static RawAgent open(TestDoor door, Gateway gateway, SigningKey key) {
    Metadata headers = new Metadata();
    headers.put(Trailers.AUTHORIZATION, Trailers.BEARER + RawLogin.token(door, gateway, key));
    RawAgent agent = new RawAgent();
    agent.out =
        AgentGrpc.newStub(door.channel(gateway))
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .connect(agent);
    return agent;
  }

  void say(AgentMessage message) {
    out.onNext(message);
  }

  /** How the node ended the stream. */
  StatusRuntimeException refused() throws Exception {
    return ended.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void onNext(NodeMessage message) {}

  @Override
  public void onError(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    ended.complete(status.asRuntimeException(Status.trailersFromThrowable(failure)));
  }

  @Override
  public void onCompleted() {
    ended.complete(Status.OK.asRuntimeException());
  }
}
