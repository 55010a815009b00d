package io.shardex.scheduler.gateway;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.wire.Trailers;
import io.shardex.scheduler.grid.BlobUnknown;
import io.shardex.scheduler.grid.ChunkCorrupted;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.GridUnavailable;
import io.shardex.scheduler.grid.PortInUse;
import io.shardex.scheduler.grid.QuotaExceeded;
import io.shardex.scheduler.replica.LogWriter;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's refusals as gRPC statuses, each with what the caller can do. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final Duration LOG_IS_FULL = Duration.ofMillis(250);

  private Refusals() {}

  static StatusRuntimeException denied(String reason, String nextStep) {
    return Status.PERMISSION_DENIED
        .withDescription(reason)
        .asRuntimeException(Trailers.nextStep(nextStep));
  }

  static StatusRuntimeException tooMany(String reason, Duration retryAfter) {
    return Status.RESOURCE_EXHAUSTED
        .withDescription(reason)
        .asRuntimeException(Trailers.retryAfter(retryAfter));
  }

  /** Beyond a bound that waiting does not move. */
  static StatusRuntimeException tooMuch(String reason) {
    return Status.RESOURCE_EXHAUSTED.withDescription(reason).asRuntimeException();
  }

  static StatusRuntimeException invalid(String reason) {
    return Status.INVALID_ARGUMENT.withDescription(reason).asRuntimeException();
  }

  static StatusRuntimeException noSession(String reason) {
    return Status.UNAUTHENTICATED.withDescription(reason).asRuntimeException();
  }

  static StatusRuntimeException notReady() {
    return Status.UNAVAILABLE.withDescription("this node is not ready").asRuntimeException();
  }

  /** Any failure of a call as the status its caller gets. A bug is logged and told as INTERNAL. */
  static StatusRuntimeException of(Throwable failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case CompletionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case MalformedBytes malformed -> invalid(malformed.getMessage());
      case MalformedBlob malformed -> invalid(malformed.getMessage());
      case GridFailure grid -> of(grid);
      case LogWriter.Overloaded full -> tooMany(full.getMessage(), LOG_IS_FULL);
      case RuntimeException bug -> {
        LOG.error("a call failed", bug);
        yield Status.INTERNAL.withDescription("the node failed").asRuntimeException(new Metadata());
      }
      // The log's own failures are checked exceptions.
      case Throwable log ->
          Status.UNAVAILABLE
              .withDescription("the log took no command: " + log.getMessage())
              .asRuntimeException();
    };
  }

  private static StatusRuntimeException of(GridFailure failure) {
    return switch (failure) {
      case QuotaExceeded quota -> tooMuch(quota.getMessage());
      case BlobUnknown unknown -> unavailable(unknown);
      case ChunkCorrupted corrupted -> unavailable(corrupted);
      case GridUnavailable away -> unavailable(away);
      case PortInUse port -> unavailable(port);
    };
  }

  private static StatusRuntimeException unavailable(GridFailure failure) {
    return Status.UNAVAILABLE.withDescription(failure.getMessage()).asRuntimeException();
  }
}
