/**
 * Training of builders' own TorchScript modules by libtorch, in a child process. libtorch is a
 * large native library that reads a stranger's file, so it never enters the agent's process.
 *
 * <p>In the agent: {@code TorchTrainer} checks the module ({@code TorchArchive}), starts the child
 * ({@code TorchProcess}) and talks with it in {@code Frame}s. In the child: {@code TorchChild}
 * listens, {@code LibtorchTraining} trains.
 */
@NullMarked
package io.shardex.worker.runtime.torch;

import org.jspecify.annotations.NullMarked;
