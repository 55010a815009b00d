package io.shardex.ops.localnet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports on 127.0.0.1 for programs that cannot pick one and say which. */
public final class LoopbackPort {
  private LoopbackPort() {}

  /** A port that nobody listened on just now; it may be taken by the time it is used. */
  public static int free() throws IOException {
    try (ServerSocket socket = bind(0)) {
      return socket.getLocalPort();
    }
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
