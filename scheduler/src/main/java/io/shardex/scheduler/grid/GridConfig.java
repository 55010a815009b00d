package io.shardex.scheduler.grid;

import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.tls.NodeCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One node of the grid.
 *
 * @param name unique in the grid and in the JVM, the same at every start: storage is found by it
 * @param host where the other nodes connect to
 * @param discoveryPort for the ring of nodes; Ignite cannot pick a port itself
 * @param communicationPort for the data
 * @param members {@code host:discoveryPort} of every node, this one included
 * @param workDirectory for this node alone
 * @param regionBytes off-heap memory for blobs on this node, at least {@link #MIN_REGION_BYTES}
 * @param persistent whether blobs survive a stop of all nodes (WAL, fsync a write)
 * @param quota without persistence at most 4/5 of {@code regionBytes} in total: with one backup any
 *     two nodes can then hold everything, and a fifth is left for pages that are not full
 * @param uploadTtl how long an upload nothing refers to is kept
 * @param bind the address to listen on; off loopback only with {@code tls}
 * @param tls the certificate shown to the other nodes, who must show one of the same CA; without it
 *     they speak plaintext
 */
public record GridConfig(
    String name,
    String host,
    int discoveryPort,
    int communicationPort,
    List<String> members,
    Path workDirectory,
    long regionBytes,
    boolean persistent,
    BlobQuota quota,
    Duration uploadTtl,
    String bind,
    Optional<NodeCertificate> tls) {
  /** What a region has if nothing else is asked for: 512 MiB. */
  public static final long DEFAULT_REGION_BYTES = 512L << 20;

  /** Ignite's own minimum is 10 MiB; below 32 MiB a few chunks would fill it. */
  public static final long MIN_REGION_BYTES = 32L << 20;

  /** A node that listens where the others connect to, on loopback and without TLS. */
  public GridConfig(
      String name,
      String host,
      int discoveryPort,
      int communicationPort,
      List<String> members,
      Path workDirectory,
      long regionBytes,
      boolean persistent,
      BlobQuota quota,
      Duration uploadTtl) {
    this(
        name,
        host,
        discoveryPort,
        communicationPort,
        members,
        workDirectory,
        regionBytes,
        persistent,
        quota,
        uploadTtl,
        host,
        Optional.empty());
  }

  /** Refuses values out of range with {@link IllegalArgumentException}. */
  public GridConfig {
    members = List.copyOf(members);
    workDirectory = workDirectory.toAbsolutePath();
    require(!name.isBlank(), "a grid node needs a name");
    require(
        tls.isPresent() || Endpoint.isLoopback(bind),
        "without TLS the grid listens on loopback only, not on " + bind);
    require(
        members.contains(host + ":" + discoveryPort),
        "members " + members + " do not name this node, " + host + ":" + discoveryPort);
    require(
        regionBytes >= MIN_REGION_BYTES,
        "a region has at least " + MIN_REGION_BYTES + " bytes, not " + regionBytes);
    require(
        persistent || quota.totalBytes() <= largestQuota(regionBytes),
        "a region of %d bytes holds a quota of at most %d, not %d"
            .formatted(regionBytes, largestQuota(regionBytes), quota.totalBytes()));
    require(!uploadTtl.isNegative(), "uploads cannot live for " + uploadTtl);
  }

  /** The largest total quota that a region of that many bytes a node can hold in memory. */
  public static long largestQuota(long regionBytes) {
    return regionBytes / 5 * 4;
  }

  /** How many members are more than half of them. */
  int majority() {
    return members.size() / 2 + 1;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
