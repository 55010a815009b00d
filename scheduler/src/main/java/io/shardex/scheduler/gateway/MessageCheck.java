package io.shardex.scheduler.gateway;

import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call whose bytes are no message with INVALID_ARGUMENT. By itself gRPC says UNKNOWN, as for
 * a failure of the node.
 */
final class MessageCheck {
  private MessageCheck() {}

  /** The same service for clients that may send anything. */
  static ServerServiceDefinition of(BindableService service) {
    ServerServiceDefinition bound = service.bindService();
    ServerServiceDefinition.Builder checked =
        ServerServiceDefinition.builder(bound.getServiceDescriptor().getName());
    bound.getMethods().forEach(method -> checked.addMethod(checked(method)));
    return checked.build();
  }

  private static <Q, R> ServerMethodDefinition<Q, R> checked(ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> plain = method.getMethodDescriptor();
    MethodDescriptor<Q, R> lenient =
        plain.toBuilder(new Lenient<>(plain.getRequestMarshaller()), plain.getResponseMarshaller())
            .build();
    ServerCallHandler<Q, R> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        lenient, (call, headers) -> new Checked<>(handler.startCall(call, headers), call));
  }

  /** Gives null for bytes that are no message. */
  private record Lenient<T>(MethodDescriptor.Marshaller<T> strict)
      implements MethodDescriptor.Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return strict.stream(value);
    }

    @Override
    public @Nullable T parse(InputStream bytes) {
      try {
        return strict.parse(bytes);
      } catch (StatusRuntimeException e) {
        return null;
      }
    }
  }

  /** Passes on nothing more once a message could not be read. */
  private static final class Checked<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private boolean refused;

    Checked(ServerCall.Listener<Q> listener, ServerCall<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(@Nullable Q message) {
      if (message != null && !refused) {
        super.onMessage(message);
      } else if (!refused) {
        refused = true;
        call.close(
            Status.INVALID_ARGUMENT.withDescription(
                "the bytes are no message of " + call.getMethodDescriptor().getFullMethodName()),
            new Metadata());
        // The service hears of the end as of a client that hung up.
        super.onCancel();
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }

    @Override
    public void onComplete() {
      if (!refused) {
        super.onComplete();
      }
    }

    @Override
    public void onCancel() {
      if (!refused) {
        super.onCancel();
      }
    }
  }
}
