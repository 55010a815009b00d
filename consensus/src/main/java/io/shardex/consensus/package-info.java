/**
 * A replicated, snapshotted, deterministic machine on Apache Ratis; knows nothing of markets.
 *
 * <p>Write a {@link io.shardex.consensus.ReplicatedMachine}, start one {@link
 * io.shardex.consensus.Replica} a node, {@linkplain io.shardex.consensus.Proposer propose} entries
 * at any of them. Ratis stays inside: no public signature shows it.
 *
 * <p>Ratis talks a lot. It logs through SLF4J under {@code org.apache.ratis} (its gRPC, Netty and
 * Protobuf are shaded, as {@code org.apache.ratis.thirdparty}) and its gRPC through {@code
 * java.util.logging} under {@code org.apache.ratis.thirdparty.io.grpc}: set both names to {@code
 * WARN}, or to {@code OFF} in tests that kill nodes.
 */
@NullMarked
package io.shardex.consensus;

import org.jspecify.annotations.NullMarked;
