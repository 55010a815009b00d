package io.shardex.consensus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link ReplicatedMachine} as Ratis drives it. */
final class RatisMachine extends BaseStateMachine {
  private static final Logger log = LoggerFactory.getLogger(RatisMachine.class);

  /** Who hears of what Ratis tells; called on Ratis' threads, must not block. */
  interface Events {
    /** Once the folder holds a log, before this peer votes; may block. */
    void beforeVoting() throws IOException;

    void leadershipMayHaveChanged();

    void resynced(long index);

    void logFailed(Throwable cause);

    void divisionClosed(Optional<Throwable> failure);
  }

  private final ReplicatedMachine machine;
  private final Events events;
  private final Executor snapshotThread;
  private final SnapshotFiles files = new SnapshotFiles();
  private volatile @Nullable Throwable failure;

  /** The snapshot being written; touched by the updater thread only. */
  private @Nullable CompletableFuture<Long> writing;

  RatisMachine(ReplicatedMachine machine, Events events, Executor snapshotThread) {
    this.machine = machine;
    this.events = events;
    this.snapshotThread = snapshotThread;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    super.initialize(server, group, storage);
    getLifeCycle().transition(LifeCycle.State.STARTING);
    files.init(storage);
    events.beforeVoting();
    restoreNewest();
    getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  /** Ratis is about to replace the snapshot folder by one the leader sent. */
  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  /** The updater thread, after the leader's snapshot has come. */
  @Override
  public void reinitialize() throws IOException {
    writing = null; // what it wrote went away with the old folder
    getLifeCycle().transition(LifeCycle.State.STARTING);
    restoreNewest();
    getLifeCycle().transition(LifeCycle.State.RUNNING);
    events.resynced(getLastAppliedTermIndex().getIndex());
  }

  private void restoreNewest() throws IOException {
    SingleFileSnapshotInfo newest = files.verified();
    if (newest == null) {
      return;
    }
    try (InputStream in = SnapshotFiles.open(newest)) {
      machine.restore(newest.getIndex(), in, files.originOf(newest));
    } catch (Throwable e) {
      failure = e;
      throw e;
    }
    setLastAppliedTermIndex(newest.getTermIndex());
  }

  /**
   * What this throws ends the division. A failed future would not: Ratis logs that and goes on with
   * the next entry.
   */
  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    byte[] reply;
    try {
      byte[] data = entry.getStateMachineLogEntry().getLogData().toByteArray();
      reply = machine.apply(entry.getIndex(), data);
    } catch (Throwable bug) {
      failure = bug;
      log.error("the machine threw at index {}; this replica stops", entry.getIndex(), bug);
      throw bug;
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    ByteString bytes = UnsafeByteOperations.unsafeWrap(reply);
    return CompletableFuture.completedFuture(Message.valueOf(bytes));
  }

  /**
   * Ratis asks after each batch of entries once a snapshot is due, and purges the log up to the
   * index it gets. So: the first time, freeze the state and begin to write, without an answer; the
   * first time after that is on disk, answer its index. Meanwhile entries go on.
   */
  @Override
  public long takeSnapshot() {
    CompletableFuture<Long> begun = writing;
    if (begun == null) {
      writing = beginSnapshot();
      return RaftLog.INVALID_LOG_INDEX;
    }
    if (!begun.isDone()) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    writing = null;
    long written = begun.join();
    if (written >= 0) {
      files.letOldOnesGo();
    }
    return written;
  }

  private CompletableFuture<Long> beginSnapshot() {
    TermIndex at = getLastAppliedTermIndex();
    Snapshot snapshot = machine.capture();
    return CompletableFuture.supplyAsync(() -> write(at, snapshot), snapshotThread);
  }

  /** A snapshot that cannot be written costs disk, not truth: it is tried again. */
  private long write(TermIndex at, Snapshot snapshot) {
    try {
      files.write(at, snapshot);
      return at.getIndex();
    } catch (IOException | RuntimeException e) {
      log.warn("could not write the snapshot at index {}; trying again", at.getIndex(), e);
      return RaftLog.INVALID_LOG_INDEX;
    }
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return files;
  }

  /** Answers a read barrier: the index applied, once Ratis found it to be high enough. */
  @Override
  public CompletableFuture<Message> query(Message request) {
    long applied = getLastAppliedTermIndex().getIndex();
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).putLong(0, applied);
    return CompletableFuture.completedFuture(Message.valueOf(ByteString.copyFrom(bytes)));
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    events.leadershipMayHaveChanged();
  }

  @Override
  public void notifyLeaderReady() {
    events.leadershipMayHaveChanged();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    events.leadershipMayHaveChanged();
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
    failure =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    events.logFailed(cause);
  }

  /** Whatever ends the division, Ratis closes its machine: here the end becomes known. */
  @Override
  public void close() {
    events.divisionClosed(Optional.ofNullable(failure));
  }
}
