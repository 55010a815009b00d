package io.shardex.protocol.client;

import java.time.Duration;

/** How a client waits before it tries again. */
interface Pause {
  void of(Duration length) throws InterruptedException;
}
