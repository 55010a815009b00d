package io.shardex.scheduler.grid;

/**
 * What a sweep removed.
 *
 * @param blobs claims given up
 * @param pieces chunks and manifests removed
 */
public record Swept(int blobs, int pieces) {}
