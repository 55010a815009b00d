package io.shardex.training.data;

/** A range of bytes of a file. */
public record ByteRange(long offset, long length) {}
