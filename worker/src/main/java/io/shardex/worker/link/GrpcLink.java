package io.shardex.worker.link;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.TaskId;
import io.shardex.market.state.Worker;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.AgentStream;
import io.shardex.protocol.client.BadAnswer;
import io.shardex.protocol.client.BlobClient;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.CallInterrupted;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.Denied;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.InvalidCall;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.Throttled;
import io.shardex.protocol.client.Unreachable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The network over gRPC: binds the agent to the clients of {@code protocol}. */
public final class GrpcLink implements Link {
  private final Nodes nodes;
  private final MarketClient market;
  private final BlobClient blobs;
  private final String version;
  private final Bandwidth bandwidth;

  private GrpcLink(Nodes nodes, String version, Bandwidth bandwidth) {
    this.nodes = nodes;
    this.market = new MarketClient(nodes);
    this.blobs = new BlobClient(nodes);
    this.version = version;
    this.bandwidth = bandwidth;
  }

  /**
   * A link that logs in as {@code identity} when it must; dials nobody yet.
   *
   * @param version of the agent's software, at most 64 characters
   * @param bandwidth of the blobs' bytes
   */
  public static GrpcLink open(
      NodeAddresses addresses, Identity identity, String version, Bandwidth bandwidth) {
    return new GrpcLink(Nodes.open(addresses, identity, Patience.USUAL), version, bandwidth);
  }

  @Override
  public Outcome submit(Envelope envelope) {
    return call(() -> market.submit(envelope).outcome());
  }

  @Override
  public Optional<Worker> worker(Address key) {
    return call(() -> market.worker(key));
  }

  @Override
  public long clockMillis() {
    return call(() -> market.status().clockMillis());
  }

  @Override
  public byte[] blob(Digest id, int maxBytes) {
    return call(() -> blobs.get(id, maxBytes, bandwidth.pacing(BlobProgress.NONE)));
  }

  @Override
  public byte[] blob(Digest id, long offset, int length) {
    return call(() -> blobs.get(id, offset, length, bandwidth.pacing(BlobProgress.NONE)));
  }

  @Override
  public void blob(Digest id, Path file, long maxBytes, BlobProgress progress) {
    Digest unused =
        call(
            () -> {
              blobs.get(id, file, maxBytes, bandwidth.pacing(progress));
              return id;
            });
  }

  @Override
  public Digest upload(byte[] content) {
    return call(() -> blobs.put(content, bandwidth.pacing(BlobProgress.NONE)));
  }

  @Override
  public Digest upload(Path file) {
    return call(() -> blobs.put(file, bandwidth.pacing(BlobProgress.NONE)));
  }

  @Override
  public Line connect(AgentListener listener) {
    AgentStream stream = AgentStream.open(nodes, version, listener);
    return new Line() {
      @Override
      public void progress(TaskId task, long fence, int step, int steps, double loss) {
        stream.progress(task, fence, step, steps, loss);
      }

      @Override
      public void close() {
        stream.close();
      }
    };
  }

  @Override
  public void close() {
    nodes.close();
  }

  /**
   * A denial passes too: a gateway whose replica lags does not know of a lease yet that another
   * node has told.
   */
  private static <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (ClientFailure failure) {
      throw switch (failure) {
        case InvalidCall invalid -> LinkFailure.lasting(invalid);
        case Unreachable unreachable -> LinkFailure.passing(unreachable);
        case Denied denied -> LinkFailure.passing(denied);
        case Throttled throttled -> LinkFailure.passing(throttled);
        case BadAnswer bad -> LinkFailure.passing(bad);
        case CallInterrupted interrupted -> LinkFailure.passing(interrupted);
        case Refused refused -> LinkFailure.lasting(refused);
      };
    }
  }
}
