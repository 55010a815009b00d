package io.shardex.scheduler.gateway;

import io.grpc.Contexts;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.shardex.market.Address;
import io.shardex.protocol.wire.Trailers;
import java.util.Optional;

/** Turns a bearer token into the caller's key, counts how calls end and times them. */
final class SessionInterceptor implements ServerInterceptor {
  private final Sessions sessions;
  private final GatewayMetrics metrics;

  SessionInterceptor(Sessions sessions, GatewayMetrics metrics) {
    this.sessions = sessions;
    this.metrics = metrics;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServerCall<Q, R> counted = counted(call);
    String header = headers.get(Trailers.AUTHORIZATION);
    if (header == null) {
      return next.startCall(counted, headers);
    }
    Optional<Address> key =
        header.startsWith(Trailers.BEARER)
            ? sessions.keyOf(header.substring(Trailers.BEARER.length()))
            : Optional.empty();
    if (key.isEmpty()) {
      counted.close(
          Status.UNAUTHENTICATED.withDescription("the session is over or of another node: log in"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(Sessions.with(key.get()), counted, headers, next);
  }

  private <Q, R> ServerCall<Q, R> counted(ServerCall<Q, R> call) {
    String method = call.getMethodDescriptor().getFullMethodName();
    String brief = method.substring(method.lastIndexOf('.') + 1);
    boolean answeredOnce = call.getMethodDescriptor().getType().serverSendsOneMessage();
    long begun = System.nanoTime();
    return new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
      @Override
      public void close(Status status, Metadata trailers) {
        metrics.answered(brief, status.getCode());
        if (answeredOnce) {
          metrics.took(brief, (System.nanoTime() - begun) / 1e9);
        }
        super.close(status, trailers);
      }
    };
  }
}
