package io.shardex.consensus;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.jspecify.annotations.Nullable;

/**
 * Ratis' own transport, whose leader tells its followers at once what is committed.
 *
 * <p>Ratis 3.3.0 wakes up to do so, but makes no message of it where there is no entry to send
 * along: a follower of a log that is not busy applies an entry only with the next one or with the
 * next heartbeat, a quarter to a half of {@link ReplicaConfig#electionMin()} later. Ratis makes it
 * by its name.
 */
final class PromptGrpc implements RpcType {
  @Override
  public String name() {
    return PromptGrpc.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new GrpcFactory(parameters) {
      @Override
      public LogAppender newLogAppender(
          RaftServer.Division server, LeaderState state, FollowerInfo follower) {
        return new Appender(server, state, follower);
      }
    };
  }

  /** Sends a heartbeat, which carries the commit index, where that is all there is to tell. */
  private static final class Appender extends GrpcLogAppender {
    /** The highest commit index that the follower was told when it held all up to it. */
    private long told = -1;

    Appender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      super(server, state, follower);
    }

    @Override
    public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(
        long callId, boolean heartbeat) throws RaftLogIOException {
      long committed = getRaftLog().getLastCommittedIndex();
      // A heartbeat may overtake entries, and tells nothing to who does not hold them yet. Each
      // index is told once, so that one who does not answer is not told again and again.
      boolean isNews = committed > told && getFollower().getMatchIndex() >= committed;
      AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
      if (request == null && isNews) {
        request = super.newAppendEntriesRequest(callId, true);
      }
      if (request != null && isNews) {
        told = committed;
      }
      return request;
    }
  }
}
