package io.shardex.scheduler.gateway;

import io.shardex.protocol.client.PlaintextRefused;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.tls.NodeCertificate;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the gateway listens, and how much it takes.
 *
 * @param host the address to listen on; off loopback only with {@code tls}
 * @param port 0 for any free one
 * @param tls the certificate shown to clients; without it they are spoken to in plaintext
 * @param sessions logged in at a time
 * @param sessionLife how long a token is good
 * @param challengeLife how long a challenge may be answered
 * @param callsPerSecond calls of one session's key, or without a session of one host, on average
 *     and at once
 * @param callsAtOnce of the same that may be under way: streams, watches, transfers
 * @param submitsPerSecond commands a key may send, on average and at once
 * @param blobBytesPerSecond bytes a key may put and get, on average
 * @param builderBlobBytes the largest blob a builder may put; the grid's quota bounds their sum
 * @param workerBlobBytes the largest result a worker may put
 */
public record GatewayConfig(
    String host,
    int port,
    Optional<NodeCertificate> tls,
    int sessions,
    Duration sessionLife,
    Duration challengeLife,
    int callsPerSecond,
    int callsAtOnce,
    int submitsPerSecond,
    long blobBytesPerSecond,
    long builderBlobBytes,
    long workerBlobBytes) {
  private static final long MIB = 1 << 20;

  /** Refuses with {@link PlaintextRefused} to listen off loopback without TLS. */
  public GatewayConfig {
    if (tls.isEmpty() && !Endpoint.isLoopback(host)) {
      throw new PlaintextRefused(host);
    }
  }

  /** The usual bounds. */
  public static GatewayConfig usual(String host, int port, Optional<NodeCertificate> tls) {
    return new GatewayConfig(
        host,
        port,
        tls,
        20_000,
        Duration.ofHours(1),
        Duration.ofSeconds(30),
        400,
        256,
        200,
        1024 * MIB,
        1024 * MIB,
        64 * MIB);
  }
}
