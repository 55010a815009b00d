package io.shardex.protocol.founding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.Networks;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkJson;
import io.shardex.protocol.network.NodeEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NetworkPlanTest {
  private static final NetworkPlan PLAN = plan(2, 7);
  private static final List<NodeCard> CARDS = List.of(card(1), card(2), card(3));

  @Test
  void plansAndCardsSurviveTheirFiles() throws Exception {
    NetworkPlan plan = NetworkJson.parse(PLAN.toJson(), NetworkPlan.class);
    assertEquals(PLAN, plan);
    assertArrayEquals(PLAN.toJson(), plan.toJson());
    assertEquals(CARDS.getFirst(), NetworkJson.parse(CARDS.getFirst().toJson(), NodeCard.class));
  }

  @Test
  void theNetworkFileFollowsFromPlanAndCardsInAnyOrder() throws Exception {
    NetworkFile file = PLAN.with(CARDS);

    assertArrayEquals(file.toJson(), PLAN.with(CARDS.reversed()).toJson());
    assertEquals(PLAN.identity(), file.identity());
    assertEquals(
        List.of("node-1", "node-2", "node-3"), file.nodes().stream().map(NodeEntry::id).toList());
    Network network = file.network();
    for (int i = 1; i <= 3; i++) {
      int place = network.validators().indexOf(key(i).address());
      assertEquals(BeaconChain.of(key(i), PLAN.identity(), 0).tip(), network.beacons().get(place));
    }
  }

  @Test
  void anAlteredCardIsRefused() throws Exception {
    String json = new String(CARDS.getFirst().toJson(), StandardCharsets.UTF_8);
    String beacon = CARDS.getFirst().beacon().toString();
    for (List<String> change :
        List.of(
            List.of("\"node-1\"", "\"node-9\""),
            List.of("127.0.0.1:7101", "10.6.6.6:7101"),
            List.of("127.0.0.1:7201", "127.0.0.1:7209"),
            List.of("127.0.0.1:7301", "127.0.0.1:7309"),
            List.of("9001", "9009"),
            List.of(beacon, CARDS.getLast().beacon().toString()),
            List.of(key(1).address().toString(), key(2).address().toString()),
            List.of("\"request\" : \"\"", "\"request\" : \"another\""))) {
      assertTrue(json.contains(change.getFirst()), change + " in " + json);
      NodeCard altered =
          NetworkJson.parse(
              json.replace(change.getFirst(), change.getLast()).getBytes(StandardCharsets.UTF_8),
              NodeCard.class);

      refused(PLAN, List.of(altered, card(2), card(3)), "it was altered");
    }
  }

  @Test
  void aCardOfAnotherPlanIsRefused() {
    refused(plan(2, 8), CARDS, "the card of node-1 answers plan " + PLAN.digest());
  }

  @Test
  void nothingIsClaimedTwice() {
    refused(PLAN, List.of(card(1), card(1), card(2)), "node-1 is claimed twice");
    refused(
        PLAN,
        List.of(card(1), signed(key(2), node("node-1", 2)), card(3)),
        "node-1 is claimed twice");
    refused(
        PLAN,
        List.of(card(1), signed(key(1), node("node-2", 2)), card(3)),
        key(1).address() + " is claimed twice");
    refused(
        PLAN,
        List.of(card(1), signed(key(2), node("node-2", 1)), card(3)),
        "127.0.0.1:7101 is claimed twice");
    NodeEntry next =
        new NodeEntry(
            "node-2",
            new Endpoint("127.0.0.1", 7_102),
            new Endpoint("127.0.0.1", 7_202),
            new Endpoint("127.0.0.1", 7_302),
            9_002);
    refused(
        PLAN, List.of(card(1), signed(key(2), next), card(3)), "127.0.0.1:7302 is claimed twice");
  }

  @Test
  void theThresholdIsMoreThanHalfOfTheCards() {
    refused(PLAN, List.of(card(1)), "1 cards do not suit a threshold of 2");
    refused(
        PLAN,
        IntStream.rangeClosed(1, 4).mapToObj(NetworkPlanTest::card).toList(),
        "4 cards do not suit a threshold of 2");
  }

  @Test
  void nobodyIsOffLoopbackWithoutACa() {
    NodeEntry away =
        new NodeEntry(
            "node-3",
            new Endpoint("127.0.0.1", 7_411),
            new Endpoint("10.0.0.1", 7_421),
            new Endpoint("127.0.0.1", 7_431),
            9_464);
    refused(
        PLAN,
        List.of(card(1), card(2), signed(key(3), away)),
        "the card of node-3 names 10.0.0.1:7421, off loopback");
  }

  @Test
  void aPlanWithoutAChainOrANameIsNone() {
    String json = new String(PLAN.toJson(), StandardCharsets.UTF_8);
    for (List<String> change :
        List.of(
            List.of("\"http://127.0.0.1:8545\"", ""),
            List.of("\"three\"", "\"no name\""),
            List.of("\"threshold\" : 2", "\"threshold\" : 0"))) {
      assertTrue(json.contains(change.getFirst()), change + " in " + json);
      byte[] bytes =
          json.replace(change.getFirst(), change.getLast()).getBytes(StandardCharsets.UTF_8);
      assertThrows(
          InvalidNetworkFile.class, () -> NetworkJson.parse(bytes, NetworkPlan.class), change + "");
    }
  }

  private static void refused(NetworkPlan plan, List<NodeCard> cards, String why) {
    CardRefused refused = assertThrows(CardRefused.class, () -> plan.with(cards), why);
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  private static NetworkPlan plan(int threshold, long nonce) {
    Address deployer = SigningKey.fromSeed(1, "deployer").address();
    return new NetworkPlan(
        "three",
        31_337,
        List.of("http://127.0.0.1:8545"),
        deployer,
        nonce,
        12,
        true,
        new Address(0, 0, 5),
        new Address(0, 0, 2),
        new Address(0, 0, 3),
        new Address(0, 0, 4),
        deployer,
        threshold,
        Networks.LOCAL.classes(),
        Networks.LOCAL.rules(),
        Optional.empty());
  }

  private static NodeCard card(int i) {
    return signed(key(i), node("node-" + i, 2 * i - 1));
  }

  private static NodeCard signed(SigningKey key, NodeEntry node) {
    return NodeCard.sign(PLAN, key, node, "");
  }

  private static SigningKey key(int i) {
    return SigningKey.fromSeed(1, "validator/" + i);
  }

  private static NodeEntry node(String id, int port) {
    return new NodeEntry(
        id,
        new Endpoint("127.0.0.1", 7_100 + port),
        new Endpoint("127.0.0.1", 7_200 + port),
        new Endpoint("127.0.0.1", 7_300 + port),
        9_000 + port);
  }
}
