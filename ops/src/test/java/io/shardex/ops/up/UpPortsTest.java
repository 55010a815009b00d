package io.shardex.ops.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LoopbackPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpPortsTest {
  private static final int NODES = 3;

  @Test
  void zeroTakesFreePortsNoneTwice() throws IOException {
    UpPorts.Assigned ports = new UpPorts(0, 0, 0, 0, 0, 0).assign(NODES, 4);

    List<Integer> all = new ArrayList<>(List.of(ports.chain()));
    all.addAll(ports.gateways());
    all.addAll(ports.rafts());
    all.addAll(ports.grids());
    ports.grids().forEach(first -> all.add(first + 1));
    all.addAll(ports.operators());
    all.addAll(ports.workers());
    assertEquals(1 + 5 * NODES + 4, all.size());
    assertEquals(all.size(), new HashSet<>(all).size());
  }

  @Test
  void aPortInUseIsNamedWithItsFlag() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      UpPorts ports = new UpPorts(0, 0, 0, 0, taken.getLocalPort(), 0);

      Trouble trouble = assertThrows(Trouble.class, () -> ports.assign(NODES, 1));
      assertEquals(ExitCode.ENVIRONMENT, trouble.code());
      assertTrue(trouble.what().contains(Integer.toString(taken.getLocalPort())), trouble.what());
      assertTrue(trouble.fix().contains("--operator-port"), trouble.fix());
    }
  }

  @Test
  void twoFlagsMayNotWantTheSamePort() throws IOException {
    int free = LoopbackPort.free();
    UpPorts ports = new UpPorts(free, free, 0, 0, 0, 0);

    Trouble trouble = assertThrows(Trouble.class, () -> ports.assign(1, 1));
    assertEquals(ExitCode.USAGE, trouble.code());
    assertTrue(trouble.what().contains("--chain-port and --gateway-port"), trouble.what());
  }

  @Test
  void aRangeEndsBeforeTheLastPort() {
    UpPorts ports = new UpPorts(0, 0, 0, 65_531, 0, 0);

    Trouble trouble = assertThrows(Trouble.class, () -> ports.assign(NODES, 1));
    assertTrue(trouble.what().contains("--grid-port: expected 0 to 65530"), trouble.what());
  }
}
