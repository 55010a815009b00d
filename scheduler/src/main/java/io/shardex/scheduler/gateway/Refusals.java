package io.shardex.scheduler.gateway;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.consensus.ProposalException;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.wire.Trailers;
import io.shardex.scheduler.archive.NotArchived;
import io.shardex.scheduler.grid.BlobUnknown;
import io.shardex.scheduler.grid.ChunkCorrupted;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.GridUnavailable;
import io.shardex.scheduler.grid.PortInUse;
import io.shardex.scheduler.grid.QuotaExceeded;
import io.shardex.scheduler.replica.LogWriter;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
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

  static StatusRuntimeException tooMany(@Nullable String reason, Duration retryAfter) {
    return Status.RESOURCE_EXHAUSTED
        .withDescription(reason)
        .asRuntimeException(Trailers.retryAfter(retryAfter));
  }

  /** Beyond a bound that waiting does not move. */
  static StatusRuntimeException tooMuch(@Nullable String reason) {
    return Status.RESOURCE_EXHAUSTED.withDescription(reason).asRuntimeException();
  }

  static StatusRuntimeException invalid(@Nullable String reason) {
    return Status.INVALID_ARGUMENT.withDescription(reason).asRuntimeException();
  }

  /** Neither time nor another node of this release will help. */
  static StatusRuntimeException wrongVersion(String reason) {
    return Status.FAILED_PRECONDITION
        .withDescription(reason)
        .asRuntimeException(Trailers.nextStep("run the release that the network's nodes run"));
  }

  /** Asked for what lies outside of what is held. */
  static StatusRuntimeException outOfRange(@Nullable String reason) {
    return Status.OUT_OF_RANGE.withDescription(reason).asRuntimeException();
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
      case NotArchived missing -> outOfRange(missing.getMessage());
      case GridFailure grid -> of(grid);
      case LogWriter.Overloaded full -> tooMany(full.getMessage(), LOG_IS_FULL);
      case ProposalException log -> of(log);
      case Throwable bug -> {
        LOG.error("a call failed", bug);
        yield Status.INTERNAL.withDescription("the node failed").asRuntimeException();
      }
    };
  }

  private static StatusRuntimeException of(ProposalException failure) {
    return switch (failure.reason()) {
      case OVERLOADED -> tooMany(failure.getMessage(), LOG_IS_FULL);
      case TOO_LARGE -> invalid(failure.getMessage());
      case NOT_READY, TIMED_OUT, CLOSED -> unavailable(failure);
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

  private static StatusRuntimeException unavailable(RuntimeException failure) {
    return Status.UNAVAILABLE.withDescription(failure.getMessage()).asRuntimeException();
  }
}
