package io.shardex.ops.up;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A part of the network that can be started, again and again. */
interface Part {
  /** As in file names and messages. */
  String name();

  /** Starts it; returns before it is ready. */
  Running start() throws Exception;

  /** One run of a part. */
  interface Running extends AutoCloseable {
    /** Completes with a clause that says how it ended, when it does so by itself. */
    CompletableFuture<String> ended();

    /** Its process, if it has one of its own. */
    OptionalLong pid();

    /** Ends it in order. */
    @Override
    void close();
  }
}
