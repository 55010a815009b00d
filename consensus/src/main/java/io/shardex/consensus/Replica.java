package io.shardex.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer of a replicated machine: it votes, keeps the log on disk, applies it to its own copy of
 * the machine and takes proposals.
 */
public final class Replica implements Proposer, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Replica.class);

  private final ReplicaConfig config;
  private final ReplicaListener listener;
  private final ExecutorService events;
  private final ExecutorService snapshots;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final Requests requests;
  private final AtomicBoolean closing = new AtomicBoolean();
  private boolean released;

  /** What the listener heard last; touched by the event thread only. */
  private Leadership told = new Leadership(0, Optional.empty(), false);

  private Replica(ReplicaConfig config, ReplicatedMachine machine, ReplicaListener listener)
      throws IOException {
    this.config = config;
    this.listener = listener;
    this.events = oneThread(config.nodeId() + "-events");
    this.snapshots = oneThread(config.nodeId() + "-snapshots");
    RaftProperties properties = RatisSettings.of(config);
    Parameters parameters = RatisSettings.parameters(config.tls());
    this.server =
        RaftServer.newBuilder()
            .setServerId(RaftPeerId.valueOf(config.nodeId()))
            .setGroup(groupOf(config))
            // FORMAT, the builder's default, wipes the log; RECOVER formats an empty folder too.
            .setOption(RaftStorage.StartupOption.RECOVER)
            .setProperties(properties)
            .setParameters(parameters)
            .setStateMachine(new RatisMachine(machine, new Told(), snapshots))
            .build();
    try {
      this.division = server.getDivision(RaftGroupId.valueOf(config.group()));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    ClientId client = ClientId.randomId();
    RaftClientRpc rpc = new GrpcFactory(parameters).newRaftClientRpc(client, properties);
    this.requests = new Requests(config, server, division, rpc, client, Thread::startVirtualThread);
  }

  /**
   * Starts a peer and restores its machine from disk; elections and the log's tail follow on their
   * own.
   *
   * @param machine in its first state; {@link ReplicatedMachine#restore} brings it further
   * @throws IOException if the folder does not fit {@link ReplicaConfig#start()}, is in use or
   *     damaged, if the port is in use, or if the machine refused its snapshot
   */
  public static Replica start(
      ReplicaConfig config, ReplicatedMachine machine, ReplicaListener listener)
      throws IOException {
    checkStorage(config);
    keepRatisFromEndingTheProcess();
    Replica replica = new Replica(config, machine, listener);
    try {
      replica.server.start();
      return replica;
    } catch (IOException | RuntimeException e) {
      replica.close();
      throw new IOException(
          config.nodeId() + " could not start on " + config.bind() + ": " + e.getMessage(), e);
    }
  }

  /** Whether a storage folder holds a log of this group, so that a start must {@code RECOVER}. */
  public static boolean holdsLog(Path storage, UUID group) {
    return Files.exists(storage.resolve(group.toString()).resolve("current").resolve("raft-meta"));
  }

  @Override
  public CompletableFuture<Applied> propose(byte[] entry) {
    return requests.propose(entry);
  }

  /**
   * A linearizable read barrier: completes with an index that this replica's own machine has
   * applied, and that is no lower than any entry acknowledged anywhere before the call. Whoever
   * reads the machine then sees those entries. Fails as proposals do.
   *
   * <p>Costs a round of heartbeats, some 10 ms; but Ratis can miss the answer to the heartbeat it
   * sent for a read, and then waits for the next entry or for the next regular heartbeat, half of
   * {@link ReplicaConfig#electionMin()} later.
   */
  public CompletableFuture<Long> readIndex() {
    return requests.readIndex();
  }

  /** Who leads, as this replica sees it now. */
  public Leadership leadership() {
    DivisionInfo info = division.getInfo();
    Optional<String> leader = Optional.ofNullable(info.getLeaderId()).map(RaftPeerId::toString);
    return new Leadership(info.getCurrentTerm(), leader, info.isLeader() && info.isLeaderReady());
  }

  /**
   * Whether the group, as far as this replica has heard, counts it among its peers. False while it
   * joins, and once it was removed.
   */
  public boolean isMember() {
    return division.getRaftConf().getCurrentPeers().stream()
        .anyMatch(peer -> peer.getId().equals(server.getId()));
  }

  /** How this replica is doing now. */
  public ReplicaStatus status() {
    long applied = division.getStateMachine().getLastAppliedTermIndex().getIndex();
    SnapshotInfo snapshot = division.getStateMachine().getLatestSnapshot();
    return new ReplicaStatus(
        division.getInfo().getLifeCycleState() == LifeCycle.State.RUNNING,
        leadership(),
        Math.max(0, applied),
        Math.max(0, committedAnywhere()),
        snapshot == null ? 0 : snapshot.getIndex());
  }

  /**
   * The follower's own commit index says nothing of how far it is behind, as it counts only what it
   * holds; the leader tells each follower all peers' indices.
   */
  private long committedAnywhere() {
    return division.getCommitInfos().stream()
        .mapToLong(CommitInfoProto::getCommitIndex)
        .max()
        .orElse(0);
  }

  /** Stops the peer and waits until its port and its storage are free. */
  @Override
  public void close() {
    closing.set(true);
    release();
  }

  private synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    closeQuietly(requests);
    closeQuietly(server);
    snapshots.shutdown();
    try {
      if (!snapshots.awaitTermination(1, TimeUnit.MINUTES)) {
        log.warn("{}: a snapshot is still being written", config.nodeId());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    events.shutdown();
  }

  private void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      log.warn("{}: could not close {}", config.nodeId(), part.getClass().getSimpleName(), e);
    }
  }

  private void stopBecause(Optional<Throwable> reason) {
    if (closing.compareAndSet(false, true)) {
      release();
      listener.onClosed(reason);
    }
  }

  private void tellLeadership() {
    Leadership now = leadership();
    if (!now.equals(told)) {
      told = now;
      listener.onLeadership(now);
    }
  }

  private void later(Runnable event) {
    try {
      events.execute(event);
    } catch (RejectedExecutionException e) {
      log.debug("{}: closed, an event is dropped", config.nodeId());
    }
  }

  /** From Ratis' threads to the event thread. */
  private final class Told implements RatisMachine.Events {
    @Override
    public void beforeVoting() throws IOException {
      listener.beforeVoting();
    }

    @Override
    public void leadershipMayHaveChanged() {
      later(Replica.this::tellLeadership);
    }

    @Override
    public void resynced(long index) {
      later(() -> listener.onResync(index));
    }

    @Override
    public void logFailed(Throwable cause) {
      later(() -> stopBecause(Optional.of(cause)));
    }

    @Override
    public void divisionClosed(Optional<Throwable> failure) {
      if (!closing.get()) {
        later(() -> stopBecause(failure));
      }
    }
  }

  /**
   * When its port is in use, Ratis calls {@code System.exit}; and the class that does so makes any
   * thread's uncaught exception do the same. Both are for the node to decide: they become
   * exceptions, and the process' own handler stays.
   */
  private static synchronized void keepRatisFromEndingTheProcess() {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    ExitUtils.setTerminateOnUncaughtException(false);
    Thread.setDefaultUncaughtExceptionHandler(handler);
  }

  private static void checkStorage(ReplicaConfig config) throws IOException {
    boolean holdsLog = holdsLog(config.storage(), config.group());
    switch (config.start()) {
      case FOUND -> {
        if (holdsLog) {
          throw new IOException(
              "expected " + config.storage() + " to hold no log of " + config.group() + " yet");
        }
      }
      case RECOVER -> {
        if (!holdsLog) {
          throw new IOException(
              "expected " + config.storage() + " to hold the log of " + config.group());
        }
      }
      case JOIN -> {
        // A join that was interrupted left a log, and goes on with it.
      }
    }
    Files.createDirectories(config.storage());
  }

  /**
   * What the peer is told of the group. One that joins is told nobody: a peer that believes itself
   * to be a member votes.
   */
  private static RaftGroup groupOf(ReplicaConfig config) {
    List<RaftPeer> peers =
        config.start() == ReplicaConfig.Start.JOIN
            ? List.of()
            : config.peers().entrySet().stream()
                .map(p -> RaftPeer.newBuilder().setId(p.getKey()).setAddress(p.getValue()).build())
                .toList();
    return RaftGroup.valueOf(RaftGroupId.valueOf(config.group()), peers);
  }

  private static ExecutorService oneThread(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).daemon().factory());
  }
}
