package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.Unprepared;
import io.shardex.cli.check.Checklist;
import io.shardex.cli.check.Gateway;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Shardex;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.Contracts;
import io.shardex.worker.device.Gpu;
import io.shardex.worker.device.GpuFinding;
import io.shardex.worker.device.GpuHealth;
import io.shardex.worker.device.GpuReading;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Hardware;
import io.shardex.worker.device.Host;
import io.shardex.worker.device.Maker;
import io.shardex.worker.device.ToolFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfTestTest {
  private static final long NOW = 1_000_000_000L;
  private static final Gpus NO_GPUS = new Gpus(List.of(), List.of());
  private static final Path NO_TORCH = Path.of("no", "torch");
  private static final Machine MACHINE =
      new Machine(
          new Host(2, 8_192), new Hardware("A processor", 2, 8_192, 4_096), NO_GPUS, NO_TORCH);

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private Network network;
  private final Checklist checks =
      new Checklist(new PrintWriter(out, true)::println, SelfTest::fix);
  private long marketMillis = NOW - 500;
  private boolean ready = true;

  @BeforeEach
  void conf() throws Exception {
    char[] passphrase = Passphrase.toNewFile(folder.resolve("passphrase"), new SecureRandom());
    SigningKey key = SigningKey.fromSeed(1, "worker");
    KeyFile.write(folder.resolve("key.json"), key, passphrase, KeyFile.Strength.LIGHT);
    network = network(31_337);
    NodeEntry node =
        new NodeEntry(
            "node-1",
            new Endpoint("127.0.0.1", closedPort()),
            new Endpoint("127.0.0.1", 2),
            new Endpoint("127.0.0.1", 3),
            5);
    Files.write(
        folder.resolve("network.json"),
        new NetworkFile(network, List.of(node), List.of("http://127.0.0.1:1")).toJson());
  }

  @Test
  void aMachineThatCanDoWhatItOffersPassesEveryCheck() throws Exception {
    run(MACHINE, conf("memory = 4GiB, threads = 2, cache = 1MiB"));

    assertEquals(
        List.of("jdk", "config", "processor", "memory", "disk", "torch", "gpu", "gateway", "clock"),
        out.toString().lines().map(line -> line.split(" +", -1)[1]).toList());
    assertTrue(out.toString().lines().allMatch(line -> line.startsWith("ok ")), out.toString());
    assertTrue(out.toString().contains("500 ms from the market's"), out.toString());
  }

  @Test
  void withoutAConfigTheMachineIsOnlyLookedAt() throws Exception {
    selfTest(MACHINE).run(Optional.empty(), Optional.empty(), false);

    assertEquals(5, out.toString().lines().count(), out.toString());
  }

  @Test
  void theBenchmarkSolvesAChallengeAndChecksIt() throws Exception {
    selfTest(MACHINE).run(Optional.of(conf("memory = 64MiB, threads = 1")), Optional.empty(), true);

    for (String figure :
        List.of(
            "compute .* GFLOP/s: 64 products of 512 x 512",
            "fill .* GiB/s: a table of 32 MiB",
            "read .* GiB/s: 512 blocks of 64 KiB",
            "proof .* a validator checks it in [0-9.]+ s")) {
      assertTrue(
          out.toString().lines().anyMatch(line -> line.matches("ok +" + figure + ".*")),
          figure + " is missing in " + out);
    }
  }

  @Test
  void moreThreadsThanProcessorsFail() throws Exception {
    fails(MACHINE, "threads = 3", "3 threads are offered, but the process may use 2 processors");
  }

  @Test
  void moreMemoryThanThereIsOrIsFreeFails() throws Exception {
    fails(MACHINE, "memory = 9GiB", "9216 MiB are offered, but the process may use 8192 MiB");
    fails(MACHINE, "memory = 5GiB", "only 4096 of 8192 MiB are free now");
  }

  @Test
  void aCacheThatCannotFitFails() throws Exception {
    fails(MACHINE, "cache = 4000000GiB", "its cache may yet take 4096000064 MiB");
  }

  @Test
  void aStateFolderBehindAFileFails() throws Exception {
    Files.writeString(folder.resolve("file"), "");

    fails(MACHINE, "state = file/state", folder.resolve("file") + " cannot be written");
  }

  @Test
  void aConfigThatIsWrongFailsAndTheMachineIsStillLookedAt() throws Exception {
    fails(MACHINE, "thread = 1", "unknown key 'thread'");
    assertTrue(out.toString().contains("ok   memory"), out.toString());
  }

  @Test
  void aSickGpuAndADriversComplaintFail() throws Exception {
    GpuReading well = reading(List.of());
    GpuReading sick = reading(List.of("temperature/gpu_temp reads 'GPU is lost'"));
    ToolFault fault = new ToolFault("rocm-smi", "no driver");
    Machine machine =
        new Machine(
            MACHINE.host(),
            MACHINE.hardware(),
            new Gpus(List.of(well, sick), List.of(fault)),
            NO_TORCH);

    Unprepared failed = fails(machine, "", "rocm-smi: no driver");

    assertEquals("2 of 11 checks failed", failed.getMessage());
    assertTrue(
        out.toString()
            .contains("ok   gpu 0         NVIDIA H100 PCIe, 81559 MiB, class nvidia-h100-80g-pcie"),
        out.toString());
    assertTrue(
        out.toString()
            .contains("class nvidia-h100-80g-pcie: temperature/gpu_temp reads 'GPU is lost'"),
        out.toString());
  }

  @Test
  void aFolderWithoutItsLibtorchFails() throws Exception {
    Path torch = Files.createDirectory(folder.resolve("torch"));
    Machine machine = new Machine(MACHINE.host(), MACHINE.hardware(), NO_GPUS, torch);

    fails(machine, "", "has no api-*.jar in lib");
    assertTrue(out.toString().contains("worker install-torch --dir " + torch), out.toString());
  }

  @Test
  void theLibtorchThatTheConfigNamesIsTheOneThatIsTried() throws Exception {
    fails(MACHINE, "torch = brought", "has no api-*.jar in lib");
    String named = "worker install-torch --dir " + folder.resolve("brought");
    assertTrue(out.toString().contains(named), out.toString());
    assertEquals(Optional.empty(), WorkerSettings.read(conf("torch = off")).agent().torch());
  }

  @Test
  void aWrongClockFails() throws Exception {
    marketMillis = NOW + 31_000;

    fails(MACHINE, "", "this machine's clock is 31 s behind the market's");
  }

  @Test
  void aGatewayThatIsNotReadyOrOfAnotherNetworkFails() throws Exception {
    ready = false;
    fails(MACHINE, "", "takes no commands yet");
    network = network(31_338);
    fails(MACHINE, "", "is of network");
  }

  @Test
  void theCommandPrintsOneObjectAndEndsWithThreeWhenNoGatewayAnswers() throws Exception {
    StringWriter err = new StringWriter();
    int code =
        Shardex.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "worker",
                "self-test",
                "--network",
                folder.resolve("network.json").toString(),
                "-o",
                "json");

    assertEquals(ExitCode.ENVIRONMENT.number(), code);
    JsonNode object = new ObjectMapper().readTree(out.toString());
    assertFalse(object.path("ok").asBoolean(true));
    JsonNode gateway =
        object
            .path("checks")
            .valueStream()
            .filter(check -> check.path("check").asText().equals("gateway"))
            .findFirst()
            .orElseThrow();
    assertFalse(gateway.path("ok").asBoolean(true));
    assertTrue(gateway.path("fix").asText().contains("whether the node runs"), gateway.toString());
    assertTrue(object.path("checks").get(0).path("ok").asBoolean(), object.toString());
    assertTrue(err.toString().contains("checks failed."), err.toString());
  }

  private Unprepared fails(Machine machine, String conf, String why) throws IOException {
    Path file = conf(conf);
    Unprepared failed = assertThrows(Unprepared.class, () -> run(machine, file));
    assertTrue(
        out.toString().lines().anyMatch(line -> line.startsWith("NO ") && line.contains(why)),
        out.toString());
    return failed;
  }

  private void run(Machine machine, Path conf) throws Exception {
    selfTest(machine).run(Optional.of(conf), Optional.empty(), false);
    checks.end();
  }

  private SelfTest selfTest(Machine machine) {
    return new SelfTest(machine, this::gateway, clock(), checks);
  }

  private Gateway gateway(NodeAddresses asked) {
    NodeStatus status =
        new NodeStatus(
            asked.nodes().getFirst(),
            ready,
            7,
            Digest.sha256(new byte[0]),
            1,
            marketMillis,
            1,
            marketMillis,
            3,
            List.of());
    return new Gateway(status, network);
  }

  private static InstantSource clock() {
    return InstantSource.fixed(Instant.ofEpochMilli(NOW));
  }

  private static GpuReading reading(List<String> reported) {
    OptionalInt none = OptionalInt.empty();
    return new GpuReading(
        new Gpu("1", Maker.NVIDIA, "NVIDIA H100 PCIe", 81_559, none),
        new GpuHealth(
            none,
            none,
            none,
            none,
            none,
            none,
            81_559,
            OptionalLong.empty(),
            List.of(),
            reported.stream()
                .map(what -> new GpuFinding(GpuFinding.Kind.UNUSABLE, what))
                .toList()));
  }

  private static Network network(long chain) {
    SigningKey validator = SigningKey.fromSeed(2, "validator");
    Address some = validator.address();
    return LocalTerms.network(
        new Contracts(chain, some, some, some, some, 0), some, List.of(validator), 1);
  }

  private Path conf(String more) throws IOException {
    return Files.writeString(
        folder.resolve("worker.conf"),
        """
        network = network.json
        name = w
        key = key.json
        passphrase-file = passphrase
        owner = "%s"
        endorsement = "0x%s"
        reserve-per-hour = "0.1"
        cache = 1MiB
        %s
        """
            .formatted(SigningKey.fromSeed(3, "owner").address(), "11".repeat(64) + "1b", more));
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
