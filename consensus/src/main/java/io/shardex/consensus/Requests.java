package io.shardex.consensus;

import io.shardex.consensus.ProposalException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.proto.RaftProtos.RaftClientRequestProto.TypeCase;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Sends proposals to the leader and read barriers to this peer, again and again under one id until
 * they succeed or their time is over.
 *
 * <p>Ratis' own client is not used for this: it cannot enter a server in its own JVM without a
 * network hop, blocks when too many requests are out, and one "not the leader" answer fails every
 * request on its stream.
 */
final class Requests implements AutoCloseable {
  private static final long PAUSE_MILLIS = 50;

  private final ReplicaConfig config;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final RaftClientRpc rpc;
  private final ClientId client;
  private final RaftGroupId group;
  private final Executor executor;
  private final Semaphore room;
  private final AtomicLong nextCallId = new AtomicLong();
  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Requests(
      ReplicaConfig config,
      RaftServer server,
      RaftServer.Division division,
      RaftClientRpc rpc,
      ClientId client,
      Executor executor) {
    this.config = config;
    this.server = server;
    this.division = division;
    this.rpc = rpc;
    this.client = client;
    this.group = division.getMemberId().getGroupId();
    this.executor = executor;
    this.room = new Semaphore(config.maxOutstanding());
  }

  CompletableFuture<Applied> propose(byte[] entry) {
    if (entry.length > config.maxEntryBytes()) {
      return CompletableFuture.failedFuture(
          new ProposalException(
              Reason.TOO_LARGE,
              "expected an entry of at most "
                  + config.maxEntryBytes()
                  + " bytes, but it has "
                  + entry.length));
    }
    Message message = Message.valueOf(UnsafeByteOperations.unsafeWrap(entry));
    return begin(RaftClientRequest.writeRequestType(), message)
        .thenApply(
            reply ->
                new Applied(reply.getLogIndex(), reply.getMessage().getContent().toByteArray()));
  }

  CompletableFuture<Long> readIndex() {
    return begin(RaftClientRequest.readRequestType(), Message.EMPTY)
        .thenApply(reply -> reply.getMessage().getContent().asReadOnlyByteBuffer().getLong());
  }

  private CompletableFuture<RaftClientReply> begin(RaftClientRequest.Type type, Message message) {
    if (!room.tryAcquire()) {
      return CompletableFuture.failedFuture(
          new ProposalException(
              Reason.OVERLOADED, config.maxOutstanding() + " requests are in flight already"));
    }
    Call call = new Call(type, message);
    open.add(call);
    CompletableFuture<RaftClientReply> answer =
        call.result
            .orTimeout(config.proposalTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .handleAsync(call::end, executor);
    if (closed) {
      call.refuse(Reason.CLOSED);
    }
    call.attempt();
    return answer;
  }

  /** Fails what is in flight. Before the server closes, so that nothing waits for it. */
  @Override
  public void close() throws IOException {
    closed = true;
    open.forEach(call -> call.refuse(Reason.CLOSED));
    rpc.close();
  }

  /** One request and all its attempts. */
  private final class Call {
    private final RaftClientRequest.Type type;
    private final Message message;
    private final long callId = nextCallId.incrementAndGet();
    private final CompletableFuture<RaftClientReply> result = new CompletableFuture<>();

    /** Whether an attempt may have put the entry into a log. */
    private volatile boolean mayBeLogged;

    private volatile @Nullable Throwable lastFailure;

    Call(RaftClientRequest.Type type, Message message) {
      this.type = type;
      this.message = message;
    }

    void attempt() {
      if (result.isDone()) {
        return;
      }
      RaftPeerId target = isRead() ? server.getId() : division.getInfo().getLeaderId();
      if (target == null || !canBeReached(target)) {
        again();
        return;
      }
      boolean mayHaveBeenLogged = mayBeLogged;
      mayBeLogged = true;
      CompletableFuture<?> unused =
          send(target).handle((reply, thrown) -> answered(reply, thrown, mayHaveBeenLogged));
    }

    /** Peers come and go: where each is stands in the log. */
    private boolean canBeReached(RaftPeerId target) {
      if (target.equals(server.getId())) {
        return true;
      }
      RaftPeer peer = division.getRaftConf().getPeer(target);
      if (peer == null) {
        return false;
      }
      rpc.addRaftPeers(List.of(peer));
      return true;
    }

    private boolean answered(
        @Nullable RaftClientReply reply, @Nullable Throwable thrown, boolean mayHaveBeenLogged) {
      if (reply != null && reply.isSuccess()) {
        return result.complete(reply);
      }
      Throwable failed = reply != null ? reply.getException() : unwrap(thrown);
      lastFailure = failed;
      boolean full = isFull(failed);
      mayBeLogged = mayHaveBeenLogged || !(full || failed instanceof LeaderNotReadyException);
      if (full && !mayBeLogged) {
        return refuse(Reason.OVERLOADED);
      }
      again();
      return false;
    }

    /**
     * Whether a peer turned the request away before it was logged. Ratis has the same exception,
     * told apart by its words alone, for a leader that fell after it had logged the entry.
     */
    private static boolean isFull(@Nullable Throwable failed) {
      return failed instanceof ResourceUnavailableException
          && String.valueOf(failed.getMessage()).contains("Failed to acquire");
    }

    private CompletableFuture<RaftClientReply> send(RaftPeerId target) {
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(client)
              .setServerId(target)
              .setGroupId(group)
              .setCallId(callId)
              .setMessage(message)
              .setType(type)
              .build();
      if (!target.equals(server.getId())) {
        return CompletableFuture.supplyAsync(() -> overTheNetwork(request), executor);
      }
      try {
        return server.submitClientRequestAsync(request);
      } catch (IOException | RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private RaftClientReply overTheNetwork(RaftClientRequest request) {
      try {
        return rpc.sendRequest(request);
      } catch (IOException e) {
        if (!(e instanceof RaftException)) {
          // A channel that failed waits for up to two minutes before it dials again; a new one
          // does not.
          rpc.handleException(request.getServerId(), e, true);
        }
        throw new CompletionException(e);
      }
    }

    private void again() {
      CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, executor)
          .execute(this::attempt);
    }

    private boolean refuse(Reason reason) {
      return result.completeExceptionally(failure(reason));
    }

    private RaftClientReply end(@Nullable RaftClientReply reply, @Nullable Throwable thrown) {
      open.remove(this);
      room.release();
      if (reply != null) {
        return reply;
      }
      if (thrown instanceof TimeoutException) {
        throw failure(mayBeLogged ? Reason.TIMED_OUT : Reason.NOT_READY);
      }
      throw thrown instanceof ProposalException known
          ? known
          : new IllegalStateException("a request ended without a reason", thrown);
    }

    private ProposalException failure(Reason reason) {
      String what = isRead() ? "read barrier " : "proposal ";
      String message = config.nodeId() + ": " + what + callId + ": " + reason;
      Throwable cause = lastFailure;
      return cause == null
          ? new ProposalException(reason, message)
          : new ProposalException(reason, message + ", last: " + cause.getMessage(), cause);
    }

    private boolean isRead() {
      return type.is(TypeCase.READ);
    }
  }

  private static @Nullable Throwable unwrap(@Nullable Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }
}
