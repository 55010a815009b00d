package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void whoeverIsFasterAtAPortOnlyCausesAnotherTry() throws Exception {
    List<Integer> tried = new ArrayList<>();
    try (Rival rival = new Rival()) {
      int port =
          FreePorts.start(
              ports -> {
                int picked = ports.pick();
                tried.add(picked);
                if (tried.size() == 1) {
                  rival.take(picked);
                }
                new ServerSocket(picked, 1, InetAddress.getLoopbackAddress()).close();
                return picked;
              });

      assertEquals(List.of(tried.getFirst(), port), tried);
    }
  }

  @Test
  void aFailureOfAnotherKindIsToldAtOnce() {
    List<Integer> tried = new ArrayList<>();
    IOException broken = new IOException("no disk");

    IOException told =
        assertThrows(
            IOException.class,
            () ->
                FreePorts.start(
                    ports -> {
                      tried.add(ports.pick());
                      throw broken;
                    }));

    assertSame(broken, told);
    assertEquals(1, tried.size());
  }

  @Test
  void theTriesAreBounded() throws Exception {
    List<Integer> tried = new ArrayList<>();
    try (Rival rival = new Rival()) {
      assertThrows(
          IOException.class,
          () ->
              FreePorts.start(
                  ports -> {
                    tried.add(ports.pick());
                    rival.take(tried.getLast());
                    throw new IOException("in use");
                  }));
    }

    assertEquals(5, tried.size());
  }

  /** Somebody else on this machine. */
  private static final class Rival implements AutoCloseable {
    private final List<ServerSocket> sockets = new ArrayList<>();

    void take(int port) throws IOException {
      sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    }

    @Override
    public void close() throws IOException {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
