package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.cli.InputRefused;
import io.shardex.cli.SmallJob;
import io.shardex.cli.Unprepared;
import io.shardex.market.Network;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarketCommandsTest {
  @TempDir private Path home;
  private Rig rig;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  MarketCommandsTest() {}

  @BeforeEach
  void furnish() throws Exception {
    rig = Rig.in(home);
  }

  static Network anotherNetwork() {
    Network known = SmallJob.NETWORK;
    return new Network(
        known.chainId(),
        known.escrow(),
        known.stakeVault(),
        SmallJob.address(99),
        known.token(),
        known.startBlock(),
        known.treasury(),
        known.validators(),
        known.beacons(),
        known.threshold(),
        known.classes(),
        known.rules());
  }

  @Test
  void pricesAreShownByTheHourAndTheWork() throws Exception {
    rig.network.workers.add(Rig.worker(31, 512, 2_000_000_000L));
    rig.network.workers.add(Rig.worker(32, 512, 9_000_000_000L));

    String text = rig.run("market", "prices");
    assertTrue(text.contains("epoch 2, ends in 3s"), text);
    assertTrue(text.contains("cpu    0.3300   0.3234         5500000000    2     1"), text);
    JsonNode cpu = rig.object("market", "prices", "-o", "json").path("classes").path(0);
    assertEquals("5500000000", cpu.path("price").asText());
    assertEquals(1, cpu.path("asksMet").asInt());
  }

  @Test
  void workersAreListedByOwner() throws Exception {
    rig.network.workers.add(Rig.worker(31, 512, 2_000_000_000L));

    String text = rig.run("market", "workers");
    assertTrue(text.contains("idle"), text);
    assertTrue(text.contains("0.1200"), text);
    JsonNode worker = rig.object("market", "workers", "-o", "json").path("workers").path(0);
    assertEquals(512, worker.path("memoryMiB").asInt());
    assertEquals("idle", worker.path("phase").asText());
  }

  @Test
  void whatWorkersProvedOfTheirHardwareStandsBesideThem() throws Exception {
    Worker proven = Rig.worker(31, 512, 2_000_000_000L);
    Worker refuted = Rig.worker(32, 512, 2_000_000_000L);
    rig.network.workers.addAll(List.of(proven, refuted, Rig.worker(33, 512, 2_000_000_000L)));
    rig.network.proofs.add(new Proof(proven.key(), 0, 2_400, 7));
    rig.network.proofs.add(new Proof(refuted.key(), 1, 0, 8));

    List<String> lines = rig.run("market", "workers").lines().map(String::stripTrailing).toList();
    assertTrue(lines.get(1).endsWith("2400 ms"), lines::toString);
    assertTrue(lines.get(2).endsWith("refuted"), lines::toString);
    assertTrue(lines.get(3).endsWith("-"), lines::toString);
    JsonNode listed = rig.object("market", "workers", "-o", "json").path("workers");
    assertTrue(listed.path(0).path("hardware").path("proven").asBoolean());
    assertEquals(2_400, listed.path(0).path("hardware").path("millis").asInt());
    assertTrue(listed.path(2).path("hardware").isMissingNode());
  }

  @Test
  void aMarketWithoutWorkersSaysSo() {
    assertEquals("no workers\n", rig.run("market", "workers"));
  }

  @Test
  void nodesOfAnotherNetworkAreRefused() {
    rig.network.there = anotherNetwork();

    Unprepared thrown =
        rig.fail(Unprepared.class, "are of network eip155:31337:", "market", "prices");
    assertTrue(thrown.fix().contains("--network FILE"), thrown.fix());
  }

  @Test
  void withoutANetworkFileItSaysWhereToGetOne() {
    Unprepared thrown =
        rig.fail(
            Unprepared.class,
            "there is no network file none.json",
            "market",
            "prices",
            "--network",
            "none.json");
    assertTrue(thrown.fix().contains("shardex up"), thrown.fix());
  }

  @Test
  void aFileThatIsNoNetworkFileIsRefused() throws Exception {
    Files.writeString(home.resolve(".shardex/up/network.json"), "{}");

    rig.fail(InputRefused.class, "is no network file", "market", "prices");
  }

  @Test
  void allIsWellOnAWholeNetwork() throws Exception {
    JsonNode report = rig.object("doctor", "-o", "json");

    assertTrue(report.path("ok").asBoolean(), report.toString());
    assertEquals(8, report.path("checks").size(), report.toString());
    String text = rig.run("doctor");
    assertTrue(text.contains("ok   node node-1   127.0.0.1:1 ready at index 7"), text);
  }

  @Test
  void theDoctorNamesEachFaultAndItsFix() {
    rig.network.ready = false;
    rig.network.deployed = false;

    Unprepared thrown = rig.fail(Unprepared.class, "2 of 8 checks failed", "doctor");
    assertTrue(thrown.fix().contains("marked NO"), thrown.fix());
    String said = rig.printed();
    assertTrue(said.contains("takes no commands yet"), said);
    assertTrue(said.contains("the chain has no contract at token"), said);
  }

  @Test
  void theDoctorSeesAClockThatIsOffAndAChainThatStands() {
    rig.network.clockMillis = 0;

    rig.fail(Unprepared.class, "2 of 6 checks failed", "doctor");
    assertTrue(rig.printed().contains("s ahead of the market's"), rig.printed());
  }

  @Test
  void theDoctorSeesAWrongNetworkAndAPoorAccount() {
    rig.network.there = anotherNetwork();
    rig.network.gas = java.math.BigInteger.ZERO;

    rig.fail(Unprepared.class, "2 of 8 checks failed", "doctor");
  }

  @Test
  void theDoctorGoesOnWithoutAKey() throws Exception {
    Files.delete(home.resolve(".shardex/wallet.json"));

    rig.fail(Unprepared.class, "1 of 7 checks failed", "doctor");
  }
}
