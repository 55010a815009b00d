package io.shardex.worker.device;

/** What a driver said of one GPU. */
public record GpuReading(Gpu gpu, GpuHealth health) {}
