package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.Contracts;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.CpuSet;
import io.shardex.worker.device.GpuShare;
import io.shardex.worker.device.Placement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerSettingsTest {
  @TempDir private Path folder;

  // JUnit fills the folder in.
  @SuppressWarnings("NullAway.Init")
  WorkerSettingsTest() {}

  @BeforeEach
  void keysAndNetwork() throws Exception {
    char[] passphrase = Passphrase.toNewFile(folder.resolve("passphrase"), new SecureRandom());
    for (int i = 1; i <= 2; i++) {
      KeyFile.write(
          folder.resolve("key-%d.json".formatted(i)),
          SigningKey.fromSeed(i, "worker"),
          passphrase,
          KeyFile.Strength.LIGHT);
    }
    SigningKey validator = SigningKey.fromSeed(1, "validator");
    Address some = validator.address();
    Endpoint nobody = new Endpoint("127.0.0.1", 1);
    Files.write(
        folder.resolve("network.json"),
        new NetworkFile(
                LocalTerms.network(
                    new Contracts(31_337, some, some, some, some, 0), some, List.of(validator), 1),
                List.of(new NodeEntry("node-1", nobody, nobody, nobody, 5)),
                List.of("http://127.0.0.1:1"))
            .toJson());
  }

  private AgentConfig read(String more) throws Exception {
    Path file = folder.resolve("worker.conf");
    Files.writeString(
        file,
        """
        network = network.json
        name = w
        key = key-1.json
        passphrase-file = passphrase
        owner = "0x0000000000000000000000000000000000000001"
        endorsement = "0x%s"
        reserve-per-hour = 0.1
        memory = 600 MiB
        %s
        """
            .formatted("00".repeat(65), more));
    return WorkerSettings.read(file).agent();
  }

  private void refused(String why, String more) {
    Trouble refused = assertThrows(Trouble.class, () -> read(more));
    assertTrue(refused.what().contains(why), refused.what());
  }

  @Test
  void aFileWithoutSlotsIsOne() throws Exception {
    AgentConfig agent = read("");
    assertEquals(1, agent.slots().size());
    WorkerConfig slot = agent.slots().getFirst();
    assertEquals("w", slot.name());
    assertEquals(folder.resolve("w"), agent.folder());
    assertEquals(agent.folder(), slot.folder());
    assertEquals(Placement.ANYWHERE, slot.placement());
  }

  @Test
  void aSlotHasWhatItSaysAndElseWhatTheFileSaysForAll() throws Exception {
    AgentConfig agent =
        read(
            """
            threads = 3
            slots = [
              { name = a, cpus = "0-1" },
              { name = b, key = key-2.json, memory = 1 GiB, threads = 1, gpu = GPU-x, gpu-share = 25 }
            ]
            """);
    WorkerConfig a = agent.slots().get(0);
    WorkerConfig b = agent.slots().get(1);
    assertEquals(List.of(600, 1_024), List.of(a.memoryMiB(), b.memoryMiB()));
    assertEquals(List.of(3, 1), List.of(a.threads(), b.threads()));
    assertEquals(SigningKey.fromSeed(1, "worker").address(), a.key().address());
    assertEquals(SigningKey.fromSeed(2, "worker").address(), b.key().address());
    assertEquals(new Placement(Optional.of(CpuSet.parse("0-1")), Optional.empty()), a.placement());
    assertEquals(
        new Placement(Optional.empty(), Optional.of(new GpuShare("GPU-x", 25))), b.placement());
    assertEquals(folder.resolve("w/slots/b"), b.folder());
  }

  @Test
  void commandsHaveTheInternetOnlyWhereTheFileSaysSo() throws Exception {
    assertFalse(read("commands = runc").commands().online());
    assertFalse(read("commands = runc, commands-network = off").commands().online());
    assertTrue(read("commands = runc, commands-network = on").commands().online());
    refused("the internet with runc only, not with commands off", "commands-network = on");
    refused("not with runsc", "commands = runsc, commands-network = on");
    refused(
        "'commands-network': expected on or off, but it is 'LAN'",
        "commands = runc, commands-network = LAN");
  }

  @Test
  void whatIsWrongWithASlotIsNamed() {
    refused("unknown key 'memori'; the nearest known one is 'memory'", "slots = [{memori = 1}]");
    refused("unknown key 'slots'", "slots = [{name = a, slots = []}]");
    refused("unknown key 'state'", "slots = [{name = a, state = b}]");
    refused("two have a", "slots = [{name = a}, {name = a, key = key-2.json}]");
    refused("its own key, but two have", "slots = [{name = a}, {name = b}]");
    refused("not '../x'", "slots = [{name = \"../x\"}]");
    refused("'cpus': expected processors like 0-3,8", "slots = [{name = a, cpus = all}]");
    refused("a share of 1 to 100 %, but it is 0 %", "slots = [{name = a, gpu = 0, gpu-share = 0}]");
    refused(
        "'gpu-share': expected 'gpu' beside it, to say of which, but slot b has none",
        "slots = [{name = a, gpu = 0, gpu-share = 50}, {name = b, key = key-2.json, gpu-share = 50}]");
    refused("but slot w has none", "gpu-share = 50");
    refused("'slots'", "slots = 2");
    refused(
        "'bandwidth': expected at least 768 KiB for 2 slots",
        "bandwidth = 512 KiB, slots = [{name = a}, {name = b, key = key-2.json}]");
  }
}
