package io.shardex.protocol.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.ResourceClass;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.StructuredDataEncoder;

/** Every struct hash against Web3j's encoder, which works from the types as JSON. */
class TypedDataTest {
  private static final Address SETTLEMENT = Address.parse("0x" + "5e".repeat(20));
  private static final TypedData DATA = new TypedData(31_337, SETTLEMENT);
  private static final Digest SOME = Digest.sha256(new byte[] {1, 2, 3});
  private static final Address OWNER = SigningKey.fromSeed(1, "owner").address();
  private static final Address WORKER = SigningKey.fromSeed(1, "worker").address();
  private static final long EXPIRY = 1_800_000_000_123L;

  @Test
  void aSubmissionIsHashedWithItsFullBudgetInTheClear() throws Exception {
    JobTerms terms =
        new JobTerms(
            "mnist",
            new ResourceClass("cpu"),
            512,
            6,
            10,
            new WorkUnits(8_437),
            313,
            new UnitPrice(400_000_000_000L),
            EXPIRY,
            new PartsPerMillion(200_000),
            true,
            SOME);
    Command command = new Command.SubmitJob(new JobId(SOME), terms);
    assertEquals(
        commandByWeb3j(command, "SubmitJob", terms.fullBudget().units(), 41),
        DATA.command(command, 41, EXPIRY));
  }

  @Test
  void anAskIsHashedWithItsReserveInTheClear() throws Exception {
    Command command = new Command.PlaceAsk(new UnitPrice(123_456));
    assertEquals(
        commandByWeb3j(command, "PlaceAsk", 123_456, 42), DATA.command(command, 42, EXPIRY));
  }

  @Test
  void otherCommandsAreHashedWithoutAnAmount() throws Exception {
    Command command = new Command.CancelJob(new JobId(SOME));
    assertEquals(commandByWeb3j(command, "CancelJob", 0, 43), DATA.command(command, 43, EXPIRY));
  }

  @Test
  void aBatchsAttestationIsHashedAsTheContractVerifiesIt() throws Exception {
    Command command = new Command.Attest(new Fact.BatchOf(9), 2, new FactValue.BatchHash(SOME));
    assertEquals(attestByWeb3j(5, new Digest(0, 0, 0, 9), SOME), DATA.command(command, 44, EXPIRY));
  }

  @Test
  void otherAttestationsAreHashedByTheirBytes() throws Exception {
    Fact fact = new Fact.RoundModel(new JobId(SOME), 3, 18);
    FactValue value = new FactValue.Averaged(SOME, 77);
    assertEquals(
        attestByWeb3j(
            3,
            Digest.sha256(ValueCodecs.FACT.encode(fact)),
            Digest.sha256(ValueCodecs.FACT_VALUE.encode(value))),
        DATA.command(new Command.Attest(fact, 2, value), 44, EXPIRY));
  }

  @Test
  void aWorkersKeyAndALoginAreHashedAsTheirTypesSay() throws Exception {
    assertEquals(
        byWeb3j(TypedData.WORKER_KEY, "owner", OWNER, "worker", WORKER),
        DATA.workerKey(OWNER, WORKER));
    assertEquals(
        byWeb3j(TypedData.LOGIN, "challenge", SOME, "key", WORKER, "expiry", EXPIRY),
        DATA.login(SOME, WORKER, EXPIRY));
  }

  @Test
  void aNodesCardIsHashedWithAllThatStandsOnIt() throws Exception {
    NodeEntry node =
        new NodeEntry(
            "node-1",
            new Endpoint("a.example.org", 7_411),
            new Endpoint("10.0.0.1", 7_421),
            new Endpoint("::1", 7_431),
            9_464);
    assertEquals(
        byWeb3j(
            TypedData.NODE_CARD,
            "plan",
            SOME,
            "validator",
            OWNER,
            "beacon",
            Digest.ZERO,
            "id",
            "node-1",
            "gateway",
            "a.example.org:7411",
            "raft",
            "10.0.0.1:7421",
            "grid",
            "[::1]:7431",
            "operatorPort",
            9_464,
            "request",
            "a request"),
        DATA.nodeCard(SOME, OWNER, Digest.ZERO, node, "a request"));
  }

  @Test
  void chainAndContractSeparateNetworks() {
    Digest here = DATA.workerKey(OWNER, WORKER);
    assertNotEquals(here, new TypedData(1, SETTLEMENT).workerKey(OWNER, WORKER));
    assertNotEquals(here, new TypedData(31_337, OWNER).workerKey(OWNER, WORKER));
  }

  private static Digest commandByWeb3j(Command command, String kind, long amount, long nonce)
      throws IOException {
    return byWeb3j(
        TypedData.COMMAND,
        "kind",
        kind,
        "payload",
        Digest.sha256(CommandCodecs.COMMAND.encode(command)),
        "amount",
        amount,
        "nonce",
        nonce,
        "expiry",
        EXPIRY);
  }

  private static Digest attestByWeb3j(int kind, Digest subject, Digest digest) throws IOException {
    return byWeb3j(
        TypedData.ATTEST,
        "fact",
        kind,
        "subject",
        subject,
        "view",
        2,
        "digest",
        digest,
        "nonce",
        44,
        "expiry",
        EXPIRY);
  }

  /** The hash of a message of this type, its fields given as name, value, name, value... */
  private static Digest byWeb3j(String type, Object... fields) throws IOException {
    StringBuilder message = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      message.append(message.isEmpty() ? "" : ",");
      message.append("\"%s\":\"%s\"".formatted(fields[i], fields[i + 1]));
    }
    String name = type.substring(0, type.indexOf('('));
    String json =
        """
        {"types":{"EIP712Domain":[%s],"%s":[%s]},"primaryType":"%s",
        "domain":{"name":"Shardex","version":"1","chainId":31337,"verifyingContract":"%s"},
        "message":{%s}}"""
            .formatted(members(TypedData.DOMAIN), name, members(type), name, SETTLEMENT, message);
    return Digest.of(new StructuredDataEncoder(json).hashStructuredData());
  }

  private static String members(String type) {
    String inside = type.substring(type.indexOf('(') + 1, type.length() - 1);
    return Arrays.stream(inside.split(",", -1))
        .map(member -> member.split(" ", 2))
        .map(member -> "{\"type\":\"%s\",\"name\":\"%s\"}".formatted(member[0], member[1]))
        .collect(Collectors.joining(","));
  }
}
