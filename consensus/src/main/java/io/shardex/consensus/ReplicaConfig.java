package io.shardex.consensus;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One peer of one Raft group.
 *
 * @param nodeId this peer's id, a key of {@code peers}
 * @param group the group's id, the same on all peers
 * @param peers every first peer's id and the {@code host:port} at which the others reach it; what
 *     the log says of later ones counts
 * @param bind the address this peer listens on; off loopback only with {@code tls}, as without it
 *     the port trusts whoever reaches it
 * @param storage the folder of the log and the snapshots; one replica a folder
 * @param start whether the folder must be new or must hold a log
 * @param electionMin a follower that hears nothing stands for election after this, at the earliest
 * @param electionMax and after this, at the latest
 * @param proposalTimeout how long a proposal is attempted in all
 * @param maxEntryBytes the largest entry, 1 to 32 MiB
 * @param maxOutstanding proposals in flight at this replica
 * @param segmentBytes the size at which a new log file is begun, at least one entry's
 * @param logPolicy when snapshots are made and what is kept
 * @param tls how the peers know each other; without it they speak plaintext
 */
public record ReplicaConfig(
    String nodeId,
    UUID group,
    Map<String, String> peers,
    InetSocketAddress bind,
    Path storage,
    Start start,
    Duration electionMin,
    Duration electionMax,
    Duration proposalTimeout,
    int maxEntryBytes,
    int maxOutstanding,
    long segmentBytes,
    LogPolicy logPolicy,
    Optional<PeerTls> tls) {

  private static final int MIB = 1 << 20;

  /** Whether the storage folder must be new or must hold a log. */
  public enum Start {
    /** The group's first start: the folder must hold no log of this group. */
    FOUND,
    /**
     * Every later start: the folder must hold this group's log. A peer that lost its disk must not
     * come back under its old id, as it may have voted.
     */
    RECOVER,
    /**
     * Every start of a peer that is added to a running group, see {@link Membership}. It knows the
     * other peers from the leader or from its own log alone, and does not vote before the group has
     * agreed that it is one of them.
     */
    JOIN
  }

  /**
   * When snapshots are made and what is kept.
   *
   * @param snapshotEvery entries from one snapshot to the next, at least 1
   * @param snapshotsKept newest snapshots kept on disk, at least 1; with 2 a follower that is being
   *     sent the last but one is not disturbed
   * @param entriesKept entries kept in the log behind the newest snapshot, so that a peer which is
   *     only a little late needs no snapshot; 0 keeps none
   */
  public record LogPolicy(long snapshotEvery, int snapshotsKept, long entriesKept) {

    public LogPolicy {
      require(snapshotEvery >= 1, "snapshotEvery", ">= 1", snapshotEvery);
      require(snapshotsKept >= 1, "snapshotsKept", ">= 1", snapshotsKept);
      require(entriesKept >= 0, "entriesKept", ">= 0", entriesKept);
    }

    /** A snapshot each 10,000 entries, two kept, and 1,000 entries behind the newest. */
    public static LogPolicy defaults() {
      return new LogPolicy(10_000, 2, 1_000);
    }
  }

  /** Checks every range and copies the peers. */
  public ReplicaConfig {
    peers = Map.copyOf(peers);
    require(peers.containsKey(nodeId), "peers", "to name this node, " + nodeId, peers.keySet());
    require(bind.getPort() > 0, "bind port", "a fixed one", bind.getPort());
    require(
        tls.isPresent() || (!bind.isUnresolved() && bind.getAddress().isLoopbackAddress()),
        "bind without TLS",
        "a loopback address",
        bind);
    require(electionMin.toMillis() > 0, "electionMin", "> 0", electionMin);
    require(electionMax.compareTo(electionMin) > 0, "electionMax", "> electionMin", electionMax);
    require(proposalTimeout.toMillis() > 0, "proposalTimeout", "> 0", proposalTimeout);
    require(
        maxEntryBytes >= 1 && maxEntryBytes <= 32 * MIB,
        "maxEntryBytes",
        "1..32 MiB",
        maxEntryBytes);
    require(maxOutstanding >= 1, "maxOutstanding", ">= 1", maxOutstanding);
    require(segmentBytes >= maxEntryBytes, "segmentBytes", ">= maxEntryBytes", segmentBytes);
  }

  /**
   * The usual settings without TLS: elections after 1 to 2 s, proposals for 10 s, entries of up to
   * 4 MiB, 4,096 in flight, log files of 32 MiB, {@link LogPolicy#defaults()}.
   */
  public static ReplicaConfig of(
      String nodeId,
      UUID group,
      Map<String, String> peers,
      InetSocketAddress bind,
      Path storage,
      Start start) {
    return of(nodeId, group, peers, bind, storage, start, Optional.empty());
  }

  /** The usual settings, with TLS between the peers if it is there. */
  public static ReplicaConfig of(
      String nodeId,
      UUID group,
      Map<String, String> peers,
      InetSocketAddress bind,
      Path storage,
      Start start,
      Optional<PeerTls> tls) {
    return new ReplicaConfig(
        nodeId,
        group,
        peers,
        bind,
        storage,
        start,
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        4 * MIB,
        4_096,
        32L * MIB,
        LogPolicy.defaults(),
        tls);
  }

  /** The same with other election time-outs. */
  public ReplicaConfig withElection(Duration min, Duration max) {
    return new ReplicaConfig(
        nodeId,
        group,
        peers,
        bind,
        storage,
        start,
        min,
        max,
        proposalTimeout,
        maxEntryBytes,
        maxOutstanding,
        segmentBytes,
        logPolicy,
        tls);
  }

  /** The same with other bounds on what is proposed. */
  public ReplicaConfig withProposals(Duration timeout, int maxBytes, int outstanding) {
    return new ReplicaConfig(
        nodeId,
        group,
        peers,
        bind,
        storage,
        start,
        electionMin,
        electionMax,
        timeout,
        maxBytes,
        outstanding,
        segmentBytes,
        logPolicy,
        tls);
  }

  /** The same with another log. */
  public ReplicaConfig withLog(long bytesPerSegment, LogPolicy policy) {
    return new ReplicaConfig(
        nodeId,
        group,
        peers,
        bind,
        storage,
        start,
        electionMin,
        electionMax,
        proposalTimeout,
        maxEntryBytes,
        maxOutstanding,
        bytesPerSegment,
        policy,
        tls);
  }

  private static void require(boolean holds, String field, String expected, Object actual) {
    if (!holds) {
      throw new IllegalArgumentException(
          "expected " + field + " " + expected + ", but it is " + actual);
    }
  }
}
