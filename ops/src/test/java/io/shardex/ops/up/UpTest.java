package io.shardex.ops.up;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.Contracts;
import io.shardex.worker.runtime.sandbox.OciRuntime.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpTest {
  @TempDir private Path dir;

  @Test
  void commandsAskedOfANetworkFoundedWithoutThemAreRefused() throws Exception {
    try (UpFolder folder = UpFolder.open(dir.resolve("net"))) {
      found(folder, "commands = runc", "");
      List<String> workers = List.of("worker-1", "worker-2");

      Trouble without =
          assertThrows(Trouble.class, () -> Up.requireCommands(Kind.RUNC, folder, workers));
      Trouble other =
          assertThrows(Trouble.class, () -> Up.requireCommands(Kind.RUNSC, folder, workers));

      assertEquals(ExitCode.USAGE, without.code());
      assertTrue(without.what().startsWith("worker-2 of the network in "), without.what());
      assertTrue(other.what().startsWith("worker-1 of the network in "), other.what());
    }
  }

  @Test
  void commandsAskedOfANetworkThatHasThemAreFine() throws Exception {
    try (UpFolder folder = UpFolder.open(dir.resolve("net"))) {
      found(folder, "commands = runc");

      assertDoesNotThrow(() -> Up.requireCommands(Kind.RUNC, folder, List.of("worker-1")));
    }
  }

  @Test
  void libtorchAskedOfANetworkFoundedWithAnotherOrNoneIsRefusedWithTheKeysToSet() throws Exception {
    try (UpFolder folder = UpFolder.open(dir.resolve("net"))) {
      found(folder, "torch = /opt/torch", "");

      assertDoesNotThrow(() -> Up.requireTorch(Path.of("/opt/torch"), folder, List.of("worker-1")));
      Trouble other =
          assertThrows(
              Trouble.class,
              () -> Up.requireTorch(Path.of("/opt/other"), folder, List.of("worker-1")));
      Trouble none =
          assertThrows(
              Trouble.class,
              () -> Up.requireTorch(Path.of("/opt/torch"), folder, List.of("worker-2")));
      assertEquals(ExitCode.USAGE, none.code());
      assertTrue(other.fix().contains("'torch = \"/opt/other\"' and 'memory = "), other.fix());
    }
  }

  /** The files of a network that was founded with these workers. */
  private static void found(UpFolder folder, String... workers) throws Exception {
    folder.clear();
    char[] passphrase = Passphrase.toNewFile(folder.passphrase(), new SecureRandom());
    SigningKey key = SigningKey.fromSeed(1, "worker");
    KeyFile.write(folder.key("worker"), key, passphrase, KeyFile.Strength.LIGHT);
    Address some = key.address();
    Endpoint endpoint = new Endpoint("127.0.0.1", 1);
    Files.write(
        folder.network(),
        new NetworkFile(
                LocalTerms.network(
                    new Contracts(31_337, some, some, some, some, 0), some, List.of(key), 1),
                List.of(new NodeEntry("node-1", endpoint, endpoint, endpoint, 2)),
                List.of("http://127.0.0.1:1"))
            .toJson());
    for (int i = 0; i < workers.length; i++) {
      Files.writeString(
          folder.conf(Founding.worker(i)),
          """
          network = "%s"
          name = w
          key = "%s"
          passphrase-file = "%s"
          owner = "%s"
          endorsement = "0x%s"
          reserve-per-hour = "0.1"
          %s
          """
              .formatted(
                  folder.network(),
                  folder.key("worker"),
                  folder.passphrase(),
                  some,
                  "11".repeat(64) + "1b",
                  workers[i]));
    }
  }
}
