package io.shardex.protocol.network;

/**
 * A scheduler node as others find it.
 *
 * @param id its name in the Raft group: letters, digits and dashes, 1 to 32 of them
 * @param gateway where workers and builders connect to
 * @param raft where the other nodes connect to; never open to anyone else
 * @param grid where the other nodes' grids connect to; data flows on the next port. Never open to
 *     anyone else
 * @param operatorPort port of {@code /metrics}, {@code /healthz} and {@code /readyz} on the
 *     gateway's host
 */
public record NodeEntry(
    String id, Endpoint gateway, Endpoint raft, Endpoint grid, int operatorPort) {
  public NodeEntry {
    if (!id.matches("[A-Za-z0-9-]{1,32}")) {
      throw new IllegalArgumentException(
          "expected a node id of 1 to 32 letters, digits and dashes, but it is '" + id + "'");
    }
    if (grid.port() == 65_535) {
      throw new IllegalArgumentException("the grid needs the port after " + grid + ", too");
    }
    if (operatorPort < 1 || operatorPort > 65_535) {
      throw new IllegalArgumentException(
          "expected an operator port of 1 to 65535, but it is " + operatorPort);
    }
  }
}
