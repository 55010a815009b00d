/**
 * The data grid: blobs as chunks by SHA-256 in Apache Ignite.
 *
 * <p>{@link BlobGrid} is what the gateway and the witnesses see; {@link ContentStore} holds its
 * rules (verified reads, claims, quota, sweep) over any {@link ByteMap}; {@link IgniteGrid} runs
 * one Ignite server node and restarts it when it was cut off.
 */
@NullMarked
package io.shardex.scheduler.grid;

import org.jspecify.annotations.NullMarked;
