package io.shardex.ops.up;

import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code shardex up} was asked for.
 *
 * @param dir the network's folder
 * @param workers how many; as many as were founded when empty
 * @param processes whether each role has a process of its own
 * @param restartAfter how long a part that ended stays away
 * @param tls whether a network that is founded gets a CA; one that is resumed keeps what it has
 * @param commands what contains strangers' commands on workers that are founded, if they run any; a
 *     network that is resumed must have been founded so
 * @param torch the same of the libtorch that strangers' modules are trained with
 * @param audits whether a network that is founded audits results; one that is resumed keeps its
 *     rules
 * @param ports for a founding
 */
record UpOptions(
    Path dir,
    OptionalInt workers,
    boolean processes,
    Duration restartAfter,
    boolean tls,
    Optional<OciRuntime.Kind> commands,
    Optional<Path> torch,
    boolean audits,
    UpPorts ports) {}
