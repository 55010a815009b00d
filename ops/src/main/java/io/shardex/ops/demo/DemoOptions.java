package io.shardex.ops.demo;

import io.shardex.ops.localnet.LocalnetOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What was asked for on the command line.
 *
 * @param dir the state folder; the default one, made anew each time, when absent
 * @param job the user's own job file; the example when absent
 * @param honest without the owner whose worker lies
 * @param quick the first 12,000 images and 3 rounds only
 */
record DemoOptions(
    Optional<Path> report,
    boolean keep,
    Optional<Path> dir,
    Optional<Path> job,
    long seed,
    boolean quick,
    boolean honest,
    LocalnetOptions.Ports ports) {}
