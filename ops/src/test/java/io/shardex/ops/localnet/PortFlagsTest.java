package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalnetOptions.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortFlagsTest {
  @TempDir private Path folder;

  @Test
  void aTakenChainPortIsNamedWithItsFlag() throws Exception {
    assertTold("--chain-port", port -> new Ports(port, 0, 0));
  }

  @Test
  void aTakenGatewayPortIsNamedWithItsFlag() throws Exception {
    assertTold("--gateway-port", port -> new Ports(0, port, 0));
  }

  @Test
  void aTakenPortOfTheThirdGatewayIsNamedWithTheFlagOfTheFirst() throws Exception {
    assertTold("--gateway-port", port -> new Ports(0, port - 2, 0));
  }

  @Test
  void aTakenOperatorPortIsNamedWithItsFlag() throws Exception {
    assertTold("--operator-port", port -> new Ports(0, 0, port));
  }

  @Test
  void aNumberThatIsNoPortIsRefused() {
    Trouble trouble = assertThrows(Trouble.class, () -> new Ports(0, 65_534, 0));

    assertEquals(ExitCode.USAGE, trouble.code());
    assertEquals("--gateway-port: expected 0 to 65533, but got 65534", trouble.what());
  }

  /** The network says so before it starts anything. */
  private void assertTold(String flag, IntFunction<Ports> ports) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path state = folder.resolve("net");
      LocalnetOptions options =
          new LocalnetOptions(
              folder.resolve("no-anvil"), state, 1, ports.apply(taken.getLocalPort()), false);

      Trouble trouble =
          assertThrows(Trouble.class, () -> Localnet.start(options, line -> {}).close());

      assertTrue(
          trouble.what().startsWith("port " + taken.getLocalPort() + " is in use"), trouble.what());
      assertTrue(trouble.fix().contains(flag), trouble.fix());
      assertFalse(Files.exists(state));
    }
  }
}
