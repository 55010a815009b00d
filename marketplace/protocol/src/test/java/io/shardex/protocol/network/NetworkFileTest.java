package io.shardex.protocol.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFileTest {
  private static final NetworkFile FILE = network(new Random(1));
  private static final String JSON = new String(FILE.toJson(), StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void aNetworkSurvivesItsFile() throws Exception {
    for (long seed = 0; seed < 100; seed++) {
      NetworkFile file = network(new Random(seed));
      NetworkFile read = NetworkFile.parse(file.toJson());
      assertEquals(file, read, "seed " + seed);
      assertArrayEquals(file.toJson(), read.toJson(), "seed " + seed);
    }
  }

  @Test
  void moneyPricesAndRatesAreStrings() {
    assertTrue(JSON.contains("\"workerStake\" : \"5.000000\""), JSON);
    assertTrue(JSON.contains("\"fee\" : \"20000\""), JSON);
    assertTrue(JSON.contains("\"firstPrice\" : \""), JSON);
  }

  @Test
  void beaconsAreEachValidatorsTipOrAllAnnouncedLater() throws Exception {
    NetworkFile file =
        IntStream.range(0, 100)
            .mapToObj(seed -> network(new Random(seed)))
            .filter(one -> !one.network().beacons().isEmpty())
            .findFirst()
            .orElseThrow();
    String json = new String(file.toJson(), StandardCharsets.UTF_8);
    List<Digest> tips = file.network().beacons();

    assertEquals(tips, NetworkFile.parse(file.toJson()).network().beacons());
    String[] hexes = tips.stream().map(tip -> '"' + tip.toString() + '"').toArray(String[]::new);
    refused(json, hexes[1] + ",", "", "3 validators have 2 beacon tips");
    refused(json, hexes[2], hexes[2] + ", " + hexes[2], "3 validators have 4 beacon tips");
    refused(json, hexes[2], "\"0x12\"", "network.beacons");
    refused(json, hexes[2], "7", "network.beacons");
  }

  @Test
  void theIdentityIsChainAndSettlement() {
    assertEquals(
        "eip155:%d:%s".formatted(FILE.network().chainId(), FILE.network().settlement()),
        FILE.identity().toString());
  }

  @Test
  void aFileIsReadFromDisk() throws Exception {
    Path path = Files.write(folder.resolve("network.json"), FILE.toJson());
    assertEquals(FILE, NetworkFile.read(path));
    Path large = Files.write(folder.resolve("large.json"), new byte[(1 << 20) + 1]);
    assertThrows(InvalidNetworkFile.class, () -> NetworkFile.read(large));
  }

  @Test
  void unknownMissingDoubledAndConvertedFieldsAreRefused() {
    refused(
        "\"chainId\" : 31337,",
        "\"chainId\" : 31337, \"chainid\" : 1,",
        "network.chainid: unknown field; the known ones are beacons, chainId, classes");
    refused("\"chainId\" : 31337,", "", "chainId");
    refused("\"chainId\" : 31337,", "\"chainId\" : 31337, \"chainId\" : 31337,", "chainId");
    refused("\"chainId\" : 31337,", "\"chainId\" : \"31337\",", "chainId");
    refused("\"chainId\" : 31337,", "\"chainId\" : 31337.5,", "chainId");
    refused("\"chainId\" : 31337,", "\"chainId\" : null,", "chainId");
    refused("\"workerStake\" : \"5.000000\"", "\"workerStake\" : 5", "network.rules.money");
    refused("\"workerStake\" : \"5.000000\"", "\"workerStake\" : \"-5\"", "an amount");
    refused("\"fee\" : \"20000\"", "\"fee\" : \"2000000\"", "parts per million");
    refused("\"threshold\" : 2", "\"threshold\" : 1", "threshold");
    refused("n0", "no spaces", "node id");
  }

  @Test
  void truncatedAndEmptyFilesAreRefused() {
    byte[] json = FILE.toJson();
    for (int length = 0; length < json.length - 2; length += 7) {
      byte[] cut = java.util.Arrays.copyOf(json, length);
      assertThrows(InvalidNetworkFile.class, () -> NetworkFile.parse(cut), "length " + length);
    }
    for (String text : List.of("null", "[]", "{}", "7", JSON + "{}")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThrows(InvalidNetworkFile.class, () -> NetworkFile.parse(bytes), text);
    }
  }

  @Test
  void endpointsAreHostAndPort() {
    assertEquals(new Endpoint("127.0.0.1", 80), Endpoint.parse("127.0.0.1:80"));
    assertEquals(new Endpoint("::1", 80), Endpoint.parse("[::1]:80"));
    assertEquals("[::1]:80", Endpoint.parse("[::1]:80").toString());
    for (String bad :
        List.of("", "host", ":80", "host:", "host:0", "host:65536", "::1:80", "a b:1", "h:8x")) {
      assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(bad), bad);
    }
  }

  private static void refused(String text, String other, String named) {
    refused(JSON, text, other, named);
  }

  private static void refused(String json, String text, String other, String named) {
    assertTrue(json.contains(text), text + " in " + json);
    byte[] bytes = json.replace(text, other).getBytes(StandardCharsets.UTF_8);
    String message =
        assertThrows(InvalidNetworkFile.class, () -> NetworkFile.parse(bytes), other).getMessage();
    assertTrue(message != null && message.contains(named), message);
  }

  private static NetworkFile network(Random random) {
    List<Address> validators =
        List.of(address(random), address(random), address(random)).stream().sorted().toList();
    List<Digest> beacons =
        random.nextBoolean() ? validators.stream().map(key -> digest(random)).toList() : List.of();
    Network network =
        new Network(
            31_337,
            address(random),
            address(random),
            address(random),
            address(random),
            random.nextInt(1 << 30),
            address(random),
            validators,
            beacons,
            2,
            List.of(
                new Network.ClassTerms(
                    new ResourceClass("cpu"),
                    new UnitPrice(random.nextLong(1L << 60)),
                    new WorkUnits(random.nextLong(1L << 50)))),
            Rules.local());
    return new NetworkFile(
        network,
        List.of(node("n0", random), node("n1", random), node("n2", random)),
        List.of("http://127.0.0.1:8545"));
  }

  private static NodeEntry node(String id, Random random) {
    return new NodeEntry(
        id,
        new Endpoint("127.0.0.1", 1 + random.nextInt(65_535)),
        new Endpoint("::1", 1 + random.nextInt(65_535)),
        new Endpoint("127.0.0.1", 1 + random.nextInt(65_534)),
        1 + random.nextInt(65_535));
  }

  private static Address address(Random random) {
    return new Address(random.nextLong(), random.nextLong(), random.nextInt());
  }

  private static Digest digest(Random random) {
    return new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }
}
