package io.shardex.ops.up;

import io.shardex.ops.role.NodeRole;
import io.shardex.ops.role.NodeSettings;
import io.shardex.ops.role.WorkerRole;
import io.shardex.ops.role.WorkerSettings;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A node or a worker in this process. */
record InProcessPart(String name, Start starter) implements Part {
  /** Starts one. */
  @FunctionalInterface
  interface Start {
    Running start() throws Exception;
  }

  static Part node(String name, Path conf) {
    return new InProcessPart(
        name,
        () -> {
          NodeRole node = NodeRole.start(NodeSettings.read(conf));
          return running(
              node::close,
              node.stopped()
                  .thenApply(why -> "stopped" + why.map(cause -> ": " + cause).orElse("")));
        });
  }

  static Part worker(String name, Path conf) {
    return new InProcessPart(
        name,
        () ->
            running(WorkerRole.start(WorkerSettings.read(conf))::close, new CompletableFuture<>()));
  }

  @Override
  public Running start() throws Exception {
    return starter.start();
  }

  private static Running running(Runnable close, CompletableFuture<String> ended) {
    return new Running() {
      @Override
      public CompletableFuture<String> ended() {
        return ended;
      }

      @Override
      public OptionalLong pid() {
        return OptionalLong.empty();
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }
}
