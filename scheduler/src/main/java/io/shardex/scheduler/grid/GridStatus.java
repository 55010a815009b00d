package io.shardex.scheduler.grid;

/**
 * The grid as one node sees it.
 *
 * @param active whether reads and writes are possible
 * @param nodesUp nodes this one is connected to, itself included; 0 while Ignite is down here
 * @param nodesExpected members in the configuration
 * @param blobs blobs announced, in the whole grid; 0 while lost partitions make claims unreadable
 * @param claimedBytes bytes charged to uploaders, in the whole grid, one copy counted; likewise
 * @param localPieces chunks and manifests whose primary copy lies on this node
 * @param localBytes memory in use on this node, backup copies included
 * @param lostPartitions partitions all of whose copies are gone or away
 */
public record GridStatus(
    boolean active,
    int nodesUp,
    int nodesExpected,
    long blobs,
    long claimedBytes,
    long localPieces,
    long localBytes,
    int lostPartitions) {}
