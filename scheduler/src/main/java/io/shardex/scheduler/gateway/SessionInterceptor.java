package io.shardex.scheduler.gateway;

import io.grpc.Contexts;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.market.Address;
import io.shardex.protocol.wire.Trailers;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Turns a bearer token into the caller's key, holds each caller to its quota, counts how calls end
 * and times them.
 */
final class SessionInterceptor implements ServerInterceptor {
  private final Sessions sessions;
  private final CallQuota quota;
  private final GatewayMetrics metrics;

  SessionInterceptor(Sessions sessions, CallQuota quota, GatewayMetrics metrics) {
    this.sessions = sessions;
    this.quota = quota;
    this.metrics = metrics;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServerCall<Q, R> counted = counted(call);
    String header = headers.get(Trailers.AUTHORIZATION);
    try {
      if (header == null) {
        return within(host(call), () -> next.startCall(counted, headers));
      }
      Address key = key(header);
      return within(
          key.toString(), () -> Contexts.interceptCall(Sessions.with(key), counted, headers, next));
    } catch (StatusRuntimeException e) {
      Metadata trailers = e.getTrailers();
      counted.close(e.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
  }

  private Address key(String header) {
    return Optional.of(header)
        .filter(text -> text.startsWith(Trailers.BEARER))
        .flatMap(text -> sessions.keyOf(text.substring(Trailers.BEARER.length())))
        .orElseThrow(() -> Refusals.noSession("the session is over or of another node: log in"));
  }

  private static String host(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress at
        ? at.getAddress().getHostAddress()
        : "a caller of unknown address";
  }

  /** The call takes one of its caller's places until it has ended, however it does. */
  private <Q> ServerCall.Listener<Q> within(
      String caller, Supplier<ServerCall.Listener<Q>> started) {
    quota.enter(caller);
    ServerCall.Listener<Q> listener;
    try {
      listener = started.get();
    } catch (RuntimeException e) {
      quota.leave(caller);
      throw e;
    }
    return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onComplete() {
        quota.leave(caller);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        quota.leave(caller);
        super.onCancel();
      }
    };
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
