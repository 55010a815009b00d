package io.shardex.ops.founding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Network;
import io.shardex.ops.launch.Shardex;
import io.shardex.ops.localnet.Anvil;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.role.NodeRole;
import io.shardex.ops.role.NodeSettings;
import io.shardex.pricing.Amount;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.founding.NodeCard;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Pace;
import io.shardex.settlement.Token;
import io.shardex.settlement.TransactionSender;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The walk of a coordinator and three operators, by the commands that they type. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FoundingWalkTest {
  private static final Duration READY = Duration.ofSeconds(90);

  @TempDir private static Path folder;
  private static Anvil anvil;
  private static int nextPort;

  @BeforeAll
  static void plan() throws Exception {
    NodePackages packages = new NodePackages(Path.of("localnet").toAbsolutePath(), System.getenv());
    anvil =
        Anvil.start(Anvil.binary(packages, System.getenv()), 0, 31_337, folder.resolve("chain"));
    nextPort = 20_000 + new SecureRandom().nextInt(8_000);
    char[] passphrase = Passphrase.toNewFile(folder.resolve("secret"), new SecureRandom());
    KeyFile.write(
        folder.resolve("deployer.json"),
        SigningKey.random(new SecureRandom()),
        passphrase,
        Strength.LIGHT);
    done(run("ca", "init", "--dir", at("ca"), "--name", "three"));
    for (String name : List.of("plan", "second", "open")) {
      List<String> line =
          new ArrayList<>(
              List.of("network", "plan", "--name", "three", "--key", at("deployer.json")));
      line.addAll(List.of("--rpc", anvil.url().toString(), "--out", at(name + ".json")));
      if (!name.equals("open")) {
        line.addAll(List.of("--ca", at("ca")));
      }
      if (name.equals("second")) {
        line.addAll(List.of("--treasury", "0x" + "7e".repeat(20)));
      }
      done(run(line.toArray(String[]::new)));
    }
    for (int i = 1; i <= 3; i++) {
      init("plan.json", "node-" + i, "127.0.0.1", "node-" + i);
    }
  }

  @AfterAll
  static void stop() {
    anvil.close();
  }

  @Test
  @Order(1)
  void anAlteredCardIsRefusedByName() throws Exception {
    String card = Files.readString(card("node-1"));
    Files.writeString(folder.resolve("bad.json"), card.replace("\"node-1\"", "\"node-7\""));

    Said said = found("plan.json", folder.resolve("bad.json"), card("node-2"), card("node-3"));

    refused(said, 2, "the card of node-7 is not what validator", "it was altered");
  }

  @Test
  @Order(2)
  void twoCardsOfOneNodeAreRefused() throws Exception {
    init("plan.json", "node-1", "127.0.0.1", "again");

    Said said = found("plan.json", card("node-1"), folder.resolve("again/node-1.card.json"));

    refused(said, 2, "node-1 is claimed twice");
  }

  @Test
  @Order(3)
  void aWrongPlanIsRefused() throws Exception {
    refused(
        found("second.json", card("node-1"), card("node-2"), card("node-3")),
        2,
        "the card of node-1 answers plan");
    String plan = Files.readString(folder.resolve("plan.json"));
    Files.writeString(
        folder.resolve("wrong.json"),
        plan.replaceFirst("(\"settlement\" : \")0x[0-9a-f]{40}", "$10x" + "5e".repeat(20)));
    refused(
        found("wrong.json", card("node-1"), card("node-2"), card("node-3")),
        2,
        "or another of its addresses does not follow");
  }

  @Test
  @Order(4)
  void anotherHostThanTheRequestsIsRefused() throws Exception {
    NodeCard honest = NodeCard.read(card("node-1"));
    SigningKey key =
        KeyFile.read(
            folder.resolve("node-1/node-1.json"),
            Passphrase.fromFile(folder.resolve("node-1/passphrase")));
    NodeEntry elsewhere =
        new NodeEntry(
            "node-1",
            new Endpoint("b.example.org", 7_411),
            new Endpoint("b.example.org", 7_421),
            new Endpoint("b.example.org", 7_431),
            9_464);
    Path card = folder.resolve("elsewhere.json");
    Files.write(
        card,
        NodeCard.sign(
                NetworkPlan.read(folder.resolve("plan.json")), key, elsewhere, honest.request())
            .toJson());
    refused(
        found("plan.json", card, card("node-2"), card("node-3")),
        2,
        "the card of node-1 is of a node at [b.example.org], but asks for a certificate for"
            + " [127.0.0.1]");

    init("plan.json", "node-4", "127.0.0.1", "node-4");
    refused(
        run(initLine("plan.json", "node-4", "b.example.org", "node-4")),
        2,
        "asks for no certificate of it for b.example.org");
    refused(
        run(initLine("open.json", "node-5", "b.example.org", "node-5")),
        2,
        "the plan has no CA, so its nodes are on loopback only, but --host is b.example.org");
  }

  @Test
  @Order(5)
  void aDryRunChangesNothing() throws Exception {
    Said said =
        run(
            "network",
            "found",
            "--dry-run",
            "--plan",
            at("plan.json"),
            "--card",
            card("node-1").toString(),
            "--card",
            card("node-2").toString(),
            "--card",
            card("node-3").toString(),
            "--out",
            at("dry"));

    assertEquals(0, said.code(), said.text());
    assertTrue(
        said.text().contains("Would deploy a development token and Settlement"), said.text());
    assertFalse(Files.exists(folder.resolve("dry")));
  }

  @Test
  @Order(6)
  void aNetworkIsFoundedOnceAndAnybodyCanMakeItsFile() throws Exception {
    Said first = found("plan.json", card("node-3"), card("node-1"), card("node-2"));
    assertEquals(0, first.code(), first.text());
    assertTrue(first.text().contains("deployed at the planned addresses"), first.text());

    Said again =
        run(
            "network",
            "found",
            "--plan",
            at("plan.json"),
            "--card",
            card("node-1").toString(),
            "--card",
            card("node-2").toString(),
            "--card",
            card("node-3").toString(),
            "--out",
            at("again"));

    assertEquals(0, again.code(), again.text());
    assertTrue(again.text().contains("the contracts are there"), again.text());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("out/network.json")),
        Files.readAllBytes(folder.resolve("again/network.json")));
  }

  @Test
  @Order(7)
  void othersThanTheContractsWereDeployedForAreRefused() throws Exception {
    refused(
        found("plan.json", card("node-1"), card("node-2"), card("node-4")),
        4,
        "were deployed for others");
  }

  @Test
  @Order(8)
  void aMovedNonceIsRefusedAndAnotherPlanKeepsTheKeys() throws Exception {
    String key = Files.readString(folder.resolve("node-4/node-4.json"));
    done(
        run(
            "network",
            "plan",
            "--name",
            "late",
            "--key",
            at("deployer.json"),
            "--rpc",
            anvil.url().toString(),
            "--ca",
            at("ca"),
            "--out",
            at("late.json")));
    for (int i = 4; i <= 6; i++) {
      init("late.json", "node-" + i, "127.0.0.1", "node-" + i);
    }
    Network earlier = NetworkFile.read(folder.resolve("out/network.json")).network();
    try (ChainClient chain = ChainClient.connect(List.of(anvil.url()), earlier.chainId())) {
      var unused =
          new Token(chain, Contracts.of(earlier))
              .mint(
                  new TransactionSender(chain, key("deployer.json"), Pace.local()),
                  earlier.treasury(),
                  Amount.of(1));
    }

    Said said = found("late.json", card("node-4"), card("node-5"), card("node-6"));

    refused(said, 2, "to be 2, as planned, but it is 3", "Plan anew");
    assertEquals(key, Files.readString(folder.resolve("node-4/node-4.json")));
  }

  @Test
  @Order(9)
  void theNodesRunFromWhatWasWritten() throws Exception {
    List<NodeRole> nodes = new ArrayList<>();
    try {
      for (int i = 1; i <= 3; i++) {
        Path own = folder.resolve("node-" + i);
        Files.copy(folder.resolve("out/network.json"), own.resolve("network.json"));
        Files.copy(folder.resolve("out/node-" + i + ".pem"), own.resolve("node-" + i + ".pem"));
        nodes.add(NodeRole.start(NodeSettings.read(own.resolve("node.conf"))));
      }
      long deadline = System.nanoTime() + READY.toNanos();
      while (!nodes.stream().allMatch(NodeRole::isReady)) {
        assertTrue(System.nanoTime() < deadline, "the nodes are not ready");
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } finally {
      nodes.reversed().forEach(NodeRole::close);
    }
  }

  private static SigningKey key(String name) throws KeyFileException {
    return KeyFile.read(folder.resolve(name), Passphrase.fromFile(folder.resolve("secret")));
  }

  /** What a command said on both streams, and its exit code. */
  private record Said(int code, String text) {}

  private static void init(String plan, String id, String host, String dir) throws Exception {
    done(run(initLine(plan, id, host, dir)));
  }

  private static String[] initLine(String plan, String id, String host, String dir) {
    return new String[] {
      "node",
      "init",
      "--plan",
      at(plan),
      "--id",
      id,
      "--host",
      host,
      "--dir",
      at(dir),
      "--gateway-port",
      port(1),
      "--raft-port",
      port(1),
      "--grid-port",
      port(2),
      "--operator-port",
      port(1)
    };
  }

  private static Said found(String plan, Path... cards) {
    List<String> line = new ArrayList<>(List.of("network", "found", "--plan", at(plan)));
    Stream.of(cards).forEach(card -> line.addAll(List.of("--card", card.toString())));
    line.addAll(List.of("--key", at("deployer.json"), "--passphrase-file", at("secret")));
    line.addAll(List.of("--ca", at("ca"), "--out", at("out")));
    return run(line.toArray(String[]::new));
  }

  private static Path card(String id) {
    return folder.resolve(id).resolve(id + ".card.json");
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  /** The first of so many free ports in a row, below those that the system gives out by itself. */
  private static String port(int width) {
    while (!LoopbackPort.isFree(nextPort) || (width > 1 && !LoopbackPort.isFree(nextPort + 1))) {
      nextPort++;
    }
    int port = nextPort;
    nextPort += width;
    return Integer.toString(port);
  }

  private static Said run(String... line) {
    StringWriter text = new StringWriter();
    CommandLine shardex = Shardex.commandLine();
    shardex.setOut(new PrintWriter(text, true)).setErr(new PrintWriter(text, true));
    return new Said(shardex.execute(line), text.toString());
  }

  private static void done(Said said) {
    assertEquals(0, said.code(), said.text());
  }

  private static void refused(Said said, int code, String... words) {
    assertEquals(code, said.code(), said.text());
    for (String word : words) {
      assertTrue(said.text().contains(word), said.text());
    }
  }
}
