package io.shardex.scheduler.grid;

/**
 * The grid as one node sees it, out of what it knows by itself: to tell, it asks no other node.
 *
 * @param active whether reads and writes are possible
 * @param nodesUp nodes this one is connected to, itself included; 0 while Ignite is down here
 * @param nodesExpected members in the configuration
 * @param localPieces chunks and manifests whose primary copy lies on this node
 * @param localBytes memory in use on this node, backup copies included
 * @param lostPartitions partitions all of whose copies are gone or away
 */
public record GridStatus(
    boolean active,
    int nodesUp,
    int nodesExpected,
    long localPieces,
    long localBytes,
    int lostPartitions) {

  /**
   * Whether this node is in an active grid with a majority of the members. One that was left by the
   * others stays active, but most of the data is not there.
   */
  public boolean isReady() {
    return active && 2 * nodesUp > nodesExpected;
  }
}
