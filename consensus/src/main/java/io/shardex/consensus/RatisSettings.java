package io.shardex.consensus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** A {@link ReplicaConfig} as Ratis wants it: each setting that must not stay at its default. */
final class RatisSettings {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  /** What Ratis' envelope around an entry (ids, term, checksum) takes at most. */
  private static final int ENVELOPE_BYTES = KIB;

  private RatisSettings() {}

  static RaftProperties of(ReplicaConfig config) {
    RaftProperties properties = new RaftProperties();
    storage(properties, config);
    elections(properties, config);
    log(properties, config);
    snapshots(properties, config.logPolicy());
    requests(properties, config);
    transport(properties, config);
    return properties;
  }

  /** What Ratis takes as objects: one TLS for peers, clients and admins, all of them nodes. */
  static Parameters parameters(Optional<PeerTls> tls) {
    Parameters parameters = new Parameters();
    tls.ifPresent(
        own ->
            GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(own.keys(), own.trust(), true)));
    return parameters;
  }

  /** One attempt of a proposal: long enough to outlive an election, at most the whole time. */
  private static Duration attemptTimeout(ReplicaConfig config) {
    Duration third = config.proposalTimeout().dividedBy(3);
    Duration wanted = longer(third, config.electionMax());
    return wanted.compareTo(config.proposalTimeout()) < 0 ? wanted : config.proposalTimeout();
  }

  private static void storage(RaftProperties properties, ReplicaConfig config) {
    RaftServerConfigKeys.setStorageDir(properties, List.of(config.storage().toFile()));
    RaftServerConfigKeys.setRemovedGroupsDir(
        properties, config.storage().resolve("removed-groups").toFile());
  }

  private static void elections(RaftProperties properties, ReplicaConfig config) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, time(config.electionMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, time(config.electionMax()));
    // A fresh start need not wait as long as a running group must before it doubts its leader; one
    // peer that comes back does no harm, as pre-votes are on.
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        properties, time(config.electionMin().dividedBy(4)));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        properties, time(config.electionMax().dividedBy(4)));
    RaftServerConfigKeys.Rpc.setRequestTimeout(
        properties, time(longer(Duration.ofSeconds(3), config.electionMax())));
    // By default a server that was suspended for a minute closes itself. A leader that slept is
    // deposed by its term anyway, and no safety rests on clocks here.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(7, TimeUnit.DAYS));
  }

  private static void log(RaftProperties properties, ReplicaConfig config) {
    int entryBytes = config.maxEntryBytes() + ENVELOPE_BYTES;
    int batchBytes = Math.max(4 * MIB, entryBytes);
    long segmentBytes = config.segmentBytes() + ENVELOPE_BYTES;
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(segmentBytes));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(Math.min(4 * MIB, segmentBytes)));
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(
        properties, SizeInBytes.valueOf(batchBytes));
    RaftServerConfigKeys.Log.setWriteBufferSize(
        properties, SizeInBytes.valueOf(batchBytes + (long) ENVELOPE_BYTES));
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
    RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
    // By default every entry of a log that is not busy is followed by one more that holds nothing
    // but
    // the commit index: twice the entries, to spare a restarted peer the wait for its leader's
    // word.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    // Without this a peer that is gone for good keeps every log file of the others on disk.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(
        properties, config.logPolicy().entriesKept());
    RaftServerConfigKeys.Log.setPurgeGap(
        properties, (int) Math.min(1_024, config.logPolicy().snapshotEvery()));
  }

  private static void snapshots(RaftProperties properties, ReplicaConfig.LogPolicy policy) {
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, policy.snapshotEvery());
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, policy.snapshotsKept());
    // A stop then leaves what a crash leaves, and a start has one road, not two. It also keeps
    // stopping quick; what it costs is the replay of at most one snapshot's distance.
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(properties, false);
  }

  private static void requests(RaftProperties properties, ReplicaConfig config) {
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    RaftServerConfigKeys.Read.setTimeout(properties, time(config.proposalTimeout()));
    // Every attempt of a proposal carries the same id, so the leader must remember ids for longer
    // than a proposal is attempted.
    RaftServerConfigKeys.RetryCache.setExpiryTime(
        properties, time(config.proposalTimeout().multipliedBy(2).plusSeconds(10)));
    RaftServerConfigKeys.Write.setElementLimit(
        properties, Math.max(4_096, config.maxOutstanding() * config.peers().size()));
    RaftServerConfigKeys.Write.setByteLimit(
        properties, SizeInBytes.valueOf(Math.max(64L * MIB, 4L * config.maxEntryBytes())));
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, time(attemptTimeout(config)));
  }

  private static void transport(RaftProperties properties, ReplicaConfig config) {
    String host = config.bind().getHostString();
    int port = config.bind().getPort();
    RaftConfigKeys.Rpc.setType(properties, new PromptGrpc());
    GrpcConfigKeys.Server.setHost(properties, host);
    GrpcConfigKeys.Server.setPort(properties, port);
    GrpcConfigKeys.Client.setHost(properties, host);
    GrpcConfigKeys.Admin.setHost(properties, host);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }
}
