package io.shardex.worker.device;

/**
 * A process that computes on a GPU.
 *
 * @param pid as the host counts, which is not as a container counts
 * @param name of its program, or empty
 * @param vramMiB that it holds; 0 if the driver does not say
 */
public record GpuProcess(long pid, String name, long vramMiB) {}
