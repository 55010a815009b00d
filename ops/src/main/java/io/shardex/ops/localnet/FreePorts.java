package io.shardex.ops.localnet;

import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Ports on loopback for parts that must know each other's before any of them listens, so that each
 * port may be taken by somebody else in between.
 */
final class FreePorts {
  private static final int TRIES = 5;

  private final Set<Integer> picked = new LinkedHashSet<>();

  private FreePorts() {}

  /** Starts something on ports it picks. */
  @FunctionalInterface
  interface Start<T> {
    T on(FreePorts ports) throws IOException, InterruptedException;
  }

  /**
   * Starts something, anew on other ports when somebody was faster at one of the first.
   *
   * @param start must leave nothing behind when it fails, above all no port
   */
  static <T> T start(Start<T> start) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      FreePorts ports = new FreePorts();
      try {
        return start.on(ports);
      } catch (Trouble known) {
        throw known;
      } catch (IOException | RuntimeException e) {
        if (attempt == TRIES || ports.areFree()) {
          throw e;
        }
      }
    }
  }

  /** A port nobody listened on just now, none twice. */
  int pick() throws IOException {
    int port;
    do {
      port = LoopbackPort.free();
    } while (!picked.add(port));
    return port;
  }

  private boolean areFree() {
    return picked.stream().allMatch(LoopbackPort::isFree);
  }
}
