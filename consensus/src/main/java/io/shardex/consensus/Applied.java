package io.shardex.consensus;

/**
 * An entry that a majority holds and the machine has applied.
 *
 * @param index its place in the log
 * @param reply what {@link ReplicatedMachine#apply} answered
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Applied(long index, byte[] reply) {}
