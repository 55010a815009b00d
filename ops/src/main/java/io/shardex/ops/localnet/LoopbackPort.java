package io.shardex.ops.localnet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports on 127.0.0.1 for programs that cannot pick one and say which. */
public final class LoopbackPort {
  /**
   * Below those that Linux gives to outgoing connections (32768 and up), one of which may be it.
   */
  private static final int FIRST = 10_000;

  private static final int END = 32_768;

  /** From one to the next: a part may listen on the port behind its own, too. */
  private static final int STRIDE = 7_919;

  /** Begins anywhere, so that processes that start together look in different places. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(END - FIRST));

  private LoopbackPort() {}

  /**
   * A port that nobody listened on just now, not soon the same one again; somebody else may take it
   * before it is used.
   */
  public static int free() throws IOException {
    for (int tried = 0; tried < END - FIRST; tried++) {
      int port = FIRST + Math.floorMod(NEXT.getAndAdd(STRIDE), END - FIRST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("no port from %d to %d is free".formatted(FIRST, END - 1));
  }

  /** Whether one could listen on the port just now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
