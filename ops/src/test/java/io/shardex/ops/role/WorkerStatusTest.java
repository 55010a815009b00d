package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.Contracts;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerStatus;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.ToolFault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WorkerStatusTest {
  private static final TaskId TASK = new TaskId(new JobId(Digest.sha256(new byte[] {1})), 2, 3);

  @TempDir private Path folder;

  // JUnit fills the folder in.
  @SuppressWarnings("NullAway.Init")
  WorkerStatusTest() {}

  @BeforeEach
  void conf() throws Exception {
    char[] passphrase = Passphrase.toNewFile(folder.resolve("passphrase"), new SecureRandom());
    KeyFile.write(
        folder.resolve("key.json"),
        SigningKey.fromSeed(1, "worker"),
        passphrase,
        KeyFile.Strength.LIGHT);
    SigningKey validator = SigningKey.fromSeed(1, "validator");
    Address some = validator.address();
    int closed;
    try (ServerSocket once = new ServerSocket(0)) {
      closed = once.getLocalPort();
    }
    Endpoint nobody = new Endpoint("127.0.0.1", closed);
    Files.write(
        folder.resolve("network.json"),
        new NetworkFile(
                LocalTerms.network(
                    new Contracts(31_337, some, some, some, some, 0), some, List.of(validator), 1),
                List.of(new NodeEntry("node-1", nobody, nobody, nobody, 5)),
                List.of("http://127.0.0.1:1"))
            .toJson());
    Files.writeString(
        folder.resolve("worker.conf"),
        """
        network = network.json
        name = w
        key = key.json
        passphrase-file = passphrase
        owner = "%s"
        endorsement = "0x%s"
        reserve-per-hour = 0.1
        state = state
        """
            .formatted(some, "00".repeat(65)));
    Files.createDirectory(folder.resolve("state"));
  }

  @Test
  void anAgentThatIsDownAndAMarketThatIsAwayAreSaidSo() throws Exception {
    String text = status();

    assertTrue(text.startsWith("w does not run; its journal holds 0 commitments\n"), text);
    assertTrue(text.contains("market does not answer: worker"), text);
    JsonNode json = new ObjectMapper().readTree(status("-o", "json"));
    assertFalse(json.get("agent").get("running").asBoolean());
    assertFalse(json.get("market").get("answers").asBoolean());
  }

  @Test
  void aRunningAgentTellsItsLeaseAndItsNode() throws Exception {
    AgentConfig config = WorkerSettings.read(folder.resolve("worker.conf")).agent();
    WorkerStatus now =
        new WorkerStatus(
            WorkerStatus.Standing.ASKING,
            "at 7",
            Optional.of(TASK),
            Optional.of(new WorkerStatus.Progress(TASK, 1, 120, 313, 0.5)),
            Optional.of(new NodeAddress("127.0.0.1", 7_411)),
            Set.of(RuntimeKind.REFERENCE),
            List.of());
    AgentFile agent = new AgentFile(config.folder());
    try (OperatorPort port = OperatorPort.open(0, List.of(), () -> true, Map.of())) {
      port.serve("/status", () -> AgentStatus.json(config, Map.of("w", now)));
      agent.write(port.port());

      String text = status();

      assertTrue(text.startsWith("w runs: process " + ProcessHandle.current().pid()), text);
      assertTrue(text.contains("  standing    ASKING: at 7\n"), text);
      assertTrue(text.contains("  node        127.0.0.1:7411\n"), text);
      assertTrue(text.contains("  lease       " + TASK + ", step 120 of 313\n"), text);
    }
    assertTrue(status().contains("its operator port does not answer"));
    agent.remove();
    assertTrue(status().startsWith("w does not run"));
  }

  @Test
  void eachSlotIsTold() throws Exception {
    Files.writeString(
        folder.resolve("worker.conf"),
        """
        slots = [
          { name = w-1, memory = 256 MiB, cpus = "0" },
          { name = w-2, key = other.json, threads = 2, gpu = 1, gpu-share = 50 }
        ]
        """,
        StandardOpenOption.APPEND);
    KeyFile.write(
        folder.resolve("other.json"),
        SigningKey.fromSeed(2, "worker"),
        Passphrase.fromFile(folder.resolve("passphrase")),
        KeyFile.Strength.LIGHT);
    AgentConfig config = WorkerSettings.read(folder.resolve("worker.conf")).agent();
    WorkerStatus idle =
        new WorkerStatus(
            WorkerStatus.Standing.ASKING,
            "at 7",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Set.of(RuntimeKind.REFERENCE),
            List.of());
    AgentFile agent = new AgentFile(config.folder());
    try (OperatorPort port = OperatorPort.open(0, List.of(), () -> true, Map.of())) {
      port.serve("/status", () -> AgentStatus.json(config, Map.of("w-1", idle, "w-2", idle)));
      agent.write(port.port());

      String text = status();

      String first = config.slots().get(0).key().address().toString();
      assertTrue(text.contains("slot w-1, " + first + "\n  standing    ASKING: at 7\n"), text);
      assertTrue(text.contains("  offers      cpu, 256 MiB, threads: 1, processors 0\n"), text);
      assertTrue(text.contains("  offers      cpu, 512 MiB, threads: 2, 50 % of GPU 1\n"), text);
      JsonNode json = new ObjectMapper().readTree(status("-o", "json"));
      assertEquals("w-2", json.get("slots").get(1).get("now").get("name").asText());
    }
    agent.remove();
    assertTrue(status().startsWith("w does not run; its journal holds 0 commitments\nslot w-1"));
  }

  @Test
  void aDriversComplaintIsShown() throws Exception {
    String text = status();
    assertTrue(text.contains("fault           \"nvidia-smi: no driver\""), text);
  }

  private String status(String... more) {
    StringWriter out = new StringWriter();
    CommandLine line =
        new CommandLine(
            new WorkerStatusCommand(
                () -> new Gpus(List.of(), List.of(new ToolFault("nvidia-smi", "no driver")))));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(new PrintWriter(out, true));
    String[] all = new String[more.length + 2];
    all[0] = "--config";
    all[1] = folder.resolve("worker.conf").toString();
    System.arraycopy(more, 0, all, 2, more.length);
    assertEquals(0, line.execute(all));
    return out.toString();
  }
}
