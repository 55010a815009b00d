package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.command.Surroundings.Prompt;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.Contracts;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Hardware;
import io.shardex.worker.device.Host;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WorkerInitTest {
  private static final SigningKey OWNER = SigningKey.fromSeed(2, "owner");
  private static final Machine MACHINE =
      new Machine(
          new Host(2, 8_192),
          new Hardware("A processor", 2, 8_192, 4_096),
          new Gpus(List.of(), List.of()),
          Path.of("no", "torch"));

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<String> questions = new ArrayList<>();
  private Network network;

  /** Nobody is there to ask, and the test does not wait to find that out. */
  private BiFunction<NodeAddresses, NetworkId, MarketSight> asking =
      (nodes, id) ->
          new MarketSight(List.of(), List.of(), new TreeMap<>(), owner -> Optional.empty());

  // JUnit fills the fields in.
  @SuppressWarnings("NullAway.Init")
  WorkerInitTest() {}

  @BeforeEach
  void networkAndOwner() throws Exception {
    SigningKey validator = SigningKey.fromSeed(1, "validator");
    Address some = validator.address();
    network =
        LocalTerms.network(
            new Contracts(31_337, some, some, some, some, 0), some, List.of(validator), 1);
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
    char[] passphrase = Passphrase.toNewFile(folder.resolve("secret"), new SecureRandom());
    KeyFile.write(folder.resolve("owner.json"), OWNER, passphrase, KeyFile.Strength.LIGHT);
  }

  private WorkerConfig slot() {
    return WorkerSettings.read(conf()).agent().slots().getFirst();
  }

  @Test
  void whatItWritesIsTakenByWorkerRun() throws Exception {
    assertEquals("", init("--owner", at("owner.json"), "--reserve-per-hour", "0.12"));

    WorkerConfig config = slot();
    assertEquals(OWNER.address(), config.owner());
    assertEquals(
        Optional.of(OWNER.address()),
        Signatures.recover(
            TypedData.of(network).workerKey(OWNER.address(), config.key().address()),
            config.endorsement()));
    assertEquals(512, config.memoryMiB());
    assertEquals(WorkerSettings.reserve(network, config.resources(), "0.12"), config.reserve());
    assertEquals(dir().resolve("state"), config.folder());
    for (String secret : List.of("worker.json", "passphrase")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(dir().resolve(secret))));
    }
  }

  @Test
  void everythingOfferedIsInTheConfig() throws Exception {
    String nodes = "127.0.0.1:11,127.0.0.1:12";
    assertEquals(
        "",
        init(
            "--owner",
            at("owner.json"),
            "--reserve-per-hour",
            "1",
            "--nodes",
            nodes,
            "--name",
            "ada-1",
            "--memory",
            "1 GiB",
            "--threads",
            "2",
            "--cache",
            "3 MiB",
            "--state",
            at("elsewhere")));

    WorkerConfig config = slot();
    assertEquals("ada-1", config.name());
    assertEquals(nodes.replace(",", ", "), config.nodes().toString());
    assertEquals(1_024, config.memoryMiB());
    assertEquals(2, config.threads());
    assertEquals(3 << 20, WorkerSettings.read(conf()).agent().cacheBytes());
    assertEquals(folder.resolve("elsewhere"), config.folder());
    assertEquals(Optional.empty(), WorkerSettings.read(conf()).agent().commands().runtime());
  }

  @Test
  void eachOfSeveralSlotsHasAKeyAndAnEndorsementOfItsOwn() throws Exception {
    assertEquals(
        "",
        init(
            "--owner",
            at("owner.json"),
            "--reserve-per-hour",
            "0.12",
            "--slots",
            "2",
            "--memory",
            "1 GiB"));

    AgentConfig agent = WorkerSettings.read(conf()).agent();
    assertEquals(
        List.of("ada-1-1", "ada-1-2"), agent.slots().stream().map(WorkerConfig::name).toList());
    for (WorkerConfig slot : agent.slots()) {
      assertEquals(
          Optional.of(OWNER.address()),
          Signatures.recover(
              TypedData.of(network).workerKey(OWNER.address(), slot.key().address()),
              slot.endorsement()));
      assertEquals(1_024, slot.memoryMiB());
      assertEquals(dir().resolve("state/slots").resolve(slot.name()), slot.folder());
    }
    assertEquals(2, agent.slots().stream().map(slot -> slot.key().address()).distinct().count());
    assertTrue(out.toString().contains("2 slots, each cpu, 1 GiB, 1 thread,"), out.toString());
  }

  @Test
  void endorsementsOfSeveralSlotsMayComeInAnyOrder() throws Exception {
    String[] line = {
      "--owner", OWNER.address().toString(), "--reserve-per-hour", "0.12", "--slots", "2"
    };
    assertEquals("", init(line));
    Address first = KeyFile.address(dir().resolve("worker-1.json"));
    Address second = KeyFile.address(dir().resolve("worker-2.json"));
    assertTrue(
        out.toString().contains(" --worker " + first + " --worker " + second), out.toString());

    String both = endorsement(OWNER, second) + "," + endorsement(OWNER, first);
    assertEquals("", init(and(line, "--endorsement", both)));

    assertEquals(
        List.of(first, second),
        WorkerSettings.read(conf()).agent().slots().stream()
            .map(slot -> slot.key().address())
            .toList());
  }

  @Test
  void slotsThatTheMachineHasNoRoomForAreRefused() throws Exception {
    refuses("--slots: expected 1 to 64", "--slots", "0");
    refuses("--threads: expected 3 slots to have 1 to 2", "--slots", "3");
    String[] large = {"--owner", at("owner.json"), "--reserve-per-hour", "0.12", "--slots", "2"};
    assertEquals(
        "--memory: expected 2 slots to have 1 to 8192 MiB, the machine's memory, but it is 5120 MiB"
            + " each",
        init(and(large, "--memory", "5 GiB")));
  }

  @Test
  void programsGetOneObject() throws Exception {
    assertEquals(
        "",
        init(
            "--owner",
            at("owner.json"),
            "--reserve-per-hour",
            "0.12",
            "--slots",
            "2",
            "-o",
            "json"));

    JsonNode told = new ObjectMapper().readTree(out.toString());
    assertTrue(told.get("written").asBoolean());
    assertEquals(
        WorkerSettings.read(conf()).agent().slots().get(1).key().address().toString(),
        told.get("slots").get(1).get("worker").asText());
    assertEquals("shardex worker self-test --config " + conf(), told.get("next").get(0).asText());
  }

  @Test
  void libtorchIsOfferedOnlyWhereItIs() throws Exception {
    refuses("--torch: " + folder + " has no api-*.jar in lib", "--torch", folder.toString());
    Path lib = Files.createDirectories(folder.resolve("lib"));
    for (String jar : List.of("api-1.jar", "pytorch-engine-1.jar", "pytorch-jni-1.jar")) {
      Files.createFile(lib.resolve(jar));
    }
    String[] line = {
      "--owner", at("owner.json"), "--reserve-per-hour", "0.12", "--torch", folder.toString()
    };
    assertEquals(
        "--torch: libtorch needs a slot of 512 MiB at least, but --memory is 511 MiB",
        init(and(line, "--memory", "511 MiB")));

    assertEquals("", init(line));

    assertEquals(Optional.of(folder), WorkerSettings.read(conf()).agent().torch());
  }

  @Test
  void nothingIsWrittenOver() throws Exception {
    String[] line = {"--owner", at("owner.json"), "--reserve-per-hour", "0.12"};
    assertEquals("", init(line));
    String before = Files.readString(conf());

    assertEquals(conf() + " is there already, and nothing is written over", init(line));
    assertEquals(before, Files.readString(conf()));
  }

  @Test
  void aDryRunWritesNothing() throws Exception {
    assertEquals("", init("--owner", "new", "--reserve-per-hour", "0.12", "--dry-run"));

    assertFalse(Files.exists(dir()));
    assertTrue(out.toString().contains("    reserve-per-hour = \"0.12\""), out.toString());
    assertTrue(out.toString().contains("owner.json, the owner's key"), out.toString());
  }

  @Test
  void anAddressAloneMakesTheKeyAndTheEndorsementFinishesIt() throws Exception {
    String[] line = {"--owner", OWNER.address().toString(), "--reserve-per-hour", "0.12"};
    assertEquals("", init(line));
    assertFalse(Files.exists(conf()));
    Address worker = KeyFile.address(dir().resolve("worker.json"));
    assertTrue(out.toString().contains("--worker " + worker), out.toString());

    assertEquals("", init(and(line, "--endorsement", endorsement(OWNER, worker))));

    assertEquals(worker, slot().key().address());
  }

  @Test
  void theEndorsementOfAnotherIsRefused() throws Exception {
    String[] line = {"--owner", OWNER.address().toString(), "--reserve-per-hour", "0.12"};
    assertEquals("", init(line));
    Address worker = KeyFile.address(dir().resolve("worker.json"));
    SigningKey other = SigningKey.fromSeed(3, "other");

    String refusal = init(and(line, "--endorsement", endorsement(other, worker)));

    assertTrue(refusal.startsWith("the endorsement is not of owner " + OWNER.address()), refusal);
    assertFalse(Files.exists(conf()));
  }

  @Test
  void aNewOwnersKeyOpensWithWhatWasTypedTwice() throws Exception {
    answers.addAll(List.of("long words", "long words"));

    assertEquals("", init("--owner", "new", "--reserve-per-hour", "0.12"));

    SigningKey made = KeyFile.read(dir().resolve("owner.json"), "long words".toCharArray());
    assertEquals(made.address(), slot().owner());
    assertTrue(out.toString().contains("wallet stake 5"), out.toString());
  }

  @Test
  void onlyTheStakeThatIsMissingIsAskedFor() throws Exception {
    String[] line = {"--owner", at("owner.json"), "--reserve-per-hour", "0.12", "--slots", "2"};
    StakeAccount[] stake = {new StakeAccount(Amount.of(12_000_000), 1)};
    asking =
        (nodes, id) ->
            new MarketSight(List.of(), List.of(), new TreeMap<>(), owner -> Optional.of(stake[0]));

    assertEquals("", init(line));
    // Three workers of 5 each, of which 12 are there.
    assertTrue(out.toString().contains("wallet stake 3.000000 "), out.toString());
    assertTrue(
        out.toString().contains("has 12.000000 bonded for 1 workers; 2 more needs 15.000000"),
        out.toString());

    Files.delete(conf());
    out.getBuffer().setLength(0);
    stake[0] = new StakeAccount(Amount.of(15_000_000), 1);
    assertEquals("", init(line));
    assertFalse(out.toString().contains("wallet stake"), out.toString());
  }

  @Test
  void passphrasesThatDifferLeaveNothingBehind() throws Exception {
    answers.addAll(List.of("long words", "long wrods"));

    assertEquals(
        "the two passphrases differ", init("--owner", "new", "--reserve-per-hour", "0.12"));
    try (Stream<Path> left = Files.list(dir())) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void whatIsNotGivenIsAskedForAtATerminal() throws Exception {
    asking =
        (nodes, id) ->
            new MarketSight(
                List.of(),
                List.of(),
                new TreeMap<>(Map.of(new ResourceClass("cpu"), new UnitPrice(4_000_000_000L))),
                owner -> Optional.empty());
    answers.addAll(List.of("0.5", at("owner.json")));

    assertEquals("", init());

    WorkerConfig config = slot();
    assertEquals(WorkerSettings.reserve(network, config.resources(), "0.5"), config.reserve());
    assertEquals(
        List.of(
            "Price floor, in tokens a slot-hour after the fee; a worker gets 0.2352 now",
            "Owner: a keystore, its address, or 'new' for a new key"),
        questions);
  }

  @Test
  void withoutATerminalAMissingFlagIsNamed() throws Exception {
    assertEquals("--reserve-per-hour is not given", init("--owner", at("owner.json")));
    assertEquals("--owner is not given", init("--reserve-per-hour", "0.12"));
  }

  @Test
  void aGatewayThatDoesNotAnswerIsAWarning() throws Exception {
    asking = MarketSight::of;

    assertEquals("", init("--owner", at("owner.json"), "--reserve-per-hour", "0.12"));

    assertTrue(out.toString().contains("warning: the status: none of 127.0.0.1:"), out.toString());
  }

  @Test
  void wrongInputIsNamed() throws Exception {
    refuses("--owner: '0x12' is no address", "--owner", "0x12");
    refuses("--owner: 'nobody' is neither a file nor an address", "--owner", "nobody");
    refuses("--reserve-per-hour: expected an amount", "--reserve-per-hour", "1,5");
    refuses("the network has no class 'gpu'", "--class", "gpu");
    refuses("--threads: expected 1 to 2", "--threads", "3");
    refuses("--memory: 'much' is no size", "--memory", "much");
    refuses("--memory: expected 1 to 8192 MiB", "--memory", "9 GiB");
    refuses("--cache: '-' is no size", "--cache", "-");
    refuses("--nodes: expected host:port", "--nodes", "somewhere");
    refuses("'../x' is no name for a worker", "--name", "../x");
    refuses("--commands: expected off, runc or runsc", "--commands", "docker");
    refuses("--endorsement is for an owner whose key is elsewhere", "--endorsement", "0x00");
    assertFalse(Files.exists(dir()));
  }

  @Test
  void anotherVersionsNetworkFileNamesTheUnknownField() throws Exception {
    Path file = folder.resolve("network.json");
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"relays\": [],"));

    String refusal = init("--owner", at("owner.json"), "--reserve-per-hour", "0.12");

    assertTrue(refusal.contains("relays: unknown field; the known ones are"), refusal);
  }

  /** The usual line with one thing wrong. */
  @Test
  void theInternetForCommandsNeedsCommands() {
    String refusal =
        init("--owner", at("owner.json"), "--reserve-per-hour", "0.12", "--commands-network");

    assertEquals(
        "--commands-network: commands have the internet with runc only, not with commands off",
        refusal.lines().findFirst().orElseThrow());
    assertFalse(Files.exists(dir()));
  }

  private void refuses(String what, String flag, String value) {
    List<String> line =
        new ArrayList<>(List.of("--owner", at("owner.json"), "--reserve-per-hour", "0.12"));
    int there = line.indexOf(flag);
    if (there < 0) {
      line.addAll(List.of(flag, value));
    } else {
      line.set(there + 1, value);
    }
    String refusal = init(line.toArray(String[]::new));
    assertTrue(refusal.startsWith(what), refusal);
  }

  /** Runs the command with what every line has; what it refuses with, or nothing. */
  private String init(String... more) {
    String[] refusal = {""};
    CommandLine line = new CommandLine(new WorkerInit(prompt(), () -> MACHINE, asking));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(new PrintWriter(out, true));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (!(failure instanceof Trouble trouble)) {
            throw failure;
          }
          assertFalse(trouble.fix().isBlank());
          refusal[0] = trouble.what();
          return trouble.code().number();
        });
    String[] usual = {"--dir", dir().toString(), "--network", at("network.json")};
    boolean typed = Arrays.asList(more).contains("new");
    String[] all = typed ? usual : and(usual, "--owner-passphrase-file", at("secret"));
    int code = line.execute(and(all, more));
    assertEquals(code == 0, refusal[0].isEmpty());
    return refusal[0];
  }

  private Prompt prompt() {
    return new Prompt() {
      @Override
      public Optional<char[]> ask(String question) {
        return askOpenly(question).map(String::toCharArray);
      }

      @Override
      public Optional<String> askOpenly(String question) {
        questions.add(question);
        return Optional.ofNullable(answers.poll());
      }
    };
  }

  private String endorsement(SigningKey owner, Address worker) {
    return "0x"
        + HexFormat.of()
            .formatHex(
                owner.sign(TypedData.of(network).workerKey(owner.address(), worker)).bytes());
  }

  private Path dir() {
    return folder.resolve("ada-1");
  }

  private Path conf() {
    return dir().resolve("worker.conf");
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private static String[] and(String[] line, String... more) {
    return Stream.concat(Arrays.stream(line), Arrays.stream(more)).toArray(String[]::new);
  }

  private static int closedPort() throws IOException {
    try (ServerSocket once = new ServerSocket(0)) {
      return once.getLocalPort();
    }
  }
}
