package io.shardex.protocol.client;

import com.google.protobuf.ByteString;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.shardex.protocol.tls.TrustRoots;
import io.shardex.protocol.wire.ChallengeReply;
import io.shardex.protocol.wire.ChallengeRequest;
import io.shardex.protocol.wire.LoginRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.Trailers;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The channel to one node, and the session there. Safe for many threads. */
final class NodeLink {
  /**
   * What a node may send ahead of the reader: 100 ms of 40 MiB/s. A fixed one; for one that adapts
   * gRPC sends a ping with every read, which the node must answer.
   */
  private static final int WINDOW_BYTES = 4 << 20;

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(20);

  private final NodeAddress address;
  private final ManagedChannel channel;
  private volatile @Nullable String token;

  NodeLink(NodeAddress address, Optional<TrustRoots> ca) {
    this.address = address;
    this.channel =
        NettyChannelBuilder.forAddress(address.host(), address.port(), credentials(ca))
            .maxInboundMessageSize(WireLimits.MESSAGE_BYTES)
            .maxInboundMetadataSize(WireLimits.METADATA_BYTES)
            .flowControlWindow(WINDOW_BYTES)
            .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
            .build();
  }

  /** With TLS, gRPC checks the host's name against the certificate. */
  private static ChannelCredentials credentials(Optional<TrustRoots> ca) {
    return ca.<ChannelCredentials>map(
            roots -> TlsChannelCredentials.newBuilder().trustManager(roots.trustManager()).build())
        .orElseGet(InsecureChannelCredentials::create);
  }

  NodeAddress address() {
    return address;
  }

  ManagedChannel channel() {
    return channel;
  }

  MarketGrpc.MarketBlockingStub market(Duration deadline) {
    return MarketGrpc.newBlockingStub(channel)
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The stub with this link's session, opened first if there is none. */
  <S extends AbstractStub<S>> S authorized(S stub, Identity identity, Duration deadline) {
    String bearer = token;
    if (bearer == null) {
      bearer = login(identity, deadline);
      token = bearer;
    }
    Metadata headers = new Metadata();
    headers.put(Trailers.AUTHORIZATION, Trailers.BEARER + bearer);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Forgets a session that the node no longer knows. */
  void forgetSession() {
    token = null;
  }

  void close() {
    channel.shutdownNow();
  }

  private String login(Identity identity, Duration deadline) {
    ChallengeReply challenge = market(deadline).challenge(ChallengeRequest.getDefaultInstance());
    return market(deadline)
        .login(
            LoginRequest.newBuilder()
                .setChallenge(challenge.getChallenge())
                .setKey(WireValues.bytes(identity.address()))
                .setSignature(
                    ByteString.copyFrom(
                        identity
                            .signLogin(
                                WireValues.digest(challenge.getChallenge()),
                                challenge.getExpiryMillis())
                            .bytes()))
                .build())
        .getToken();
  }
}
