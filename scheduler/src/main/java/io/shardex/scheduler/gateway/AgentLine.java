package io.shardex.scheduler.gateway;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.shardex.protocol.wire.NodeMessage;

/**
 * The way back to one connected agent. Only its session's actor uses it. The agent's messages are
 * asked for one at a time, so that at most one waits in the actor's mailbox.
 */
final class AgentLine {
  private final ServerCallStreamObserver<NodeMessage> stream;

  AgentLine(ServerCallStreamObserver<NodeMessage> stream) {
    this.stream = stream;
  }

  void send(NodeMessage message) {
    if (!stream.isCancelled()) {
      stream.onNext(message);
    }
  }

  /** Asks for the agent's next message. */
  void more() {
    stream.request(1);
  }

  void hangUp(String why) {
    if (!stream.isCancelled()) {
      stream.onError(Status.UNAVAILABLE.withDescription(why).asRuntimeException());
    }
  }
}
