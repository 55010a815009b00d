package io.shardex.scheduler.grid;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One node of the grid.
 *
 * @param name unique in the grid and in the JVM, the same at every start: storage is found by it
 * @param host the address to listen on; loopback, as there is no TLS yet
 * @param discoveryPort for the ring of nodes; Ignite cannot pick a port itself
 * @param communicationPort for the data
 * @param members {@code host:discoveryPort} of every node, this one included
 * @param workDirectory for this node alone
 * @param regionBytes off-heap memory for blobs on this node, at least {@link #MIN_REGION_BYTES}
 * @param persistent whether blobs survive a stop of all nodes (WAL, fsync a write)
 * @param quota without persistence at most 4/5 of {@code regionBytes} in total: with one backup any
 *     two nodes can then hold everything, and a fifth is left for pages that are not full
 * @param uploadTtl how long an upload nothing refers to is kept
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
    Duration uploadTtl) {
  /** What a region has if nothing else is asked for: 512 MiB. */
  public static final long DEFAULT_REGION_BYTES = 512L << 20;

  /** Ignite's own minimum is 10 MiB; below 32 MiB a few chunks would fill it. */
  public static final long MIN_REGION_BYTES = 32L << 20;

  /** Refuses values out of range with {@link IllegalArgumentException}. */
  public GridConfig {
    members = List.copyOf(members);
    workDirectory = workDirectory.toAbsolutePath();
    require(!name.isBlank(), "a grid node needs a name");
    require(
        isLoopback(host),
        "there is no TLS yet, so the grid listens on loopback only, not on " + host);
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

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
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
