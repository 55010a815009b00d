package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportCheckTest {
  private static final String MONEY =
      "{\"escrowed\":\"5000000\",\"paid\":\"2600\",\"fees\":\"52\",\"refunded\":\"4997348\","
          + "\"stakeIn\":\"40000000\",\"stakeSlashed\":\"5000000\"}";
  private static final String SOUND =
      """
      {"quick":false,"accuracy":0.9781,"tasks":{"verified":60,"rejected":4},
       "lies":{"made":5,"drawn":4,"proved":4,"missProbability":0.00002},
       "dishonest":{"owner":"0x1f","caught":true,"slashed":"5000000"},"honestOwnersSlashed":0,
       "chain":%s,"ledger":%s,
       "stateHash":{"index":812,"node-1":"9f","node-2":"9f","node-3":"9f"}}
      """
          .formatted(MONEY, MONEY);

  @Test
  void aSoundReportHasNoFaults() throws Exception {
    assertEquals(List.of(), faults(SOUND));
  }

  @Test
  void accuracyHasOneFloorForFullAndOneForQuick() throws Exception {
    String low = SOUND.replace("0.9781", "0.93");

    assertFault(low, "at least 0.97");
    assertEquals(List.of(), faults(low.replace("\"quick\":false", "\"quick\":true")));
    assertFault(SOUND.replace("0.9781", "\"n/a\""), "accuracy");
    assertFault(SOUND.replace("0.9781", "97.8"), "accuracy");
  }

  @Test
  void moneyThatIsLostIsAFaultOnEitherSide() throws Exception {
    assertFault(SOUND.replaceFirst("4997348", "4997347"), "chain: expected escrowed");
    assertFault(SOUND.replaceFirst("(?s)(.*)4997348", "$14997347"), "ledger: expected escrowed");
  }

  @Test
  void chainAndLedgerMustAgreeOnStakesToo() throws Exception {
    assertFault(SOUND.replaceFirst("40000000", "40000001"), "stakeIn: the chain says");
  }

  @Test
  void anAmountMustBeAStringOfDigits() throws Exception {
    assertFault(SOUND.replaceFirst("\"2600\"", "2600"), "chain.paid");
    assertFault(SOUND.replaceFirst("\"fees\":\"52\",", ""), "chain.fees");
  }

  @Test
  void threeEqualHashesAreNeeded() throws Exception {
    assertFault(SOUND.replaceFirst("9f", "9e"), "one state hash");
    assertFault(SOUND.replace(",\"node-3\":\"9f\"", ""), "one state hash");
    assertFault(SOUND.replace("9f", ""), "one state hash");
  }

  @Test
  void nothingDoneIsAFault() throws Exception {
    assertFault(SOUND.replace("\"verified\":60", "\"verified\":0"), "no task");
    assertFault("{}", "nothing was escrowed");
  }

  @Test
  void aLiarThatIsNotCaughtIsAFault() throws Exception {
    assertFault(SOUND.replace("\"caught\":true", "\"caught\":false"), "was not caught");
    assertFault(SOUND.replace("\"caught\":true,", ""), "was not caught");
  }

  @Test
  void aDrawnLieThatIsNotProvedIsAFaultAndSoIsOneThatWasNeverDrawn() throws Exception {
    assertFault(SOUND.replace("\"proved\":4", "\"proved\":3"), "every drawn lie to be proved");
    assertFault(SOUND.replace("\"drawn\":4", "\"drawn\":3"), "every drawn lie to be proved");
    assertFault(SOUND.replace("\"drawn\":4,\"proved\":4,", ""), "every drawn lie to be proved");
  }

  @Test
  void aRunThatCouldHaveMissedTheLiarIsAFault() throws Exception {
    assertEquals(List.of(), faults(SOUND.replace("0.00002", "0.0001")));
    assertFault(SOUND.replace("0.00002", "0.00011"), "a miss probability of at most 1.0E-4");
    assertFault(SOUND.replace("0.00002", "\"NaN\""), "a miss probability of at most 1.0E-4");
    assertFault(
        SOUND.replace(",\"missProbability\":0.00002", ""), "a miss probability of at most 1.0E-4");
  }

  @Test
  void aSlashedHonestOwnerIsAFault() throws Exception {
    assertFault(
        SOUND.replace("\"honestOwnersSlashed\":0", "\"honestOwnersSlashed\":1"),
        "honest owners were slashed: 1");
    assertFault(SOUND.replace(",\"honestOwnersSlashed\":0", ""), "honest owners were slashed");
  }

  @Test
  void whatTheLiarLostIsAllThatWasSlashed() throws Exception {
    assertFault(
        SOUND.replace("\"slashed\":\"5000000\"", "\"slashed\":\"4000000\""),
        "the liar lost 4000000, but the ledger says otherwise");
  }

  @Test
  void withoutALiarThereIsNoLieAndNoSlash() throws Exception {
    String honest =
        SOUND
            .replace("\"made\":5,\"drawn\":4,\"proved\":4", "\"made\":0,\"drawn\":0,\"proved\":0")
            .replace(
                "\"dishonest\":{\"owner\":\"0x1f\",\"caught\":true,\"slashed\":\"5000000\"},", "");
    String unslashed = honest.replace("\"stakeSlashed\":\"5000000\"", "\"stakeSlashed\":\"0\"");

    assertEquals(List.of(), faults(unslashed));
    assertFault(honest, "nobody was to lie");
    assertFault(unslashed.replace("\"made\":0", "\"made\":1"), "nobody was to lie");
    assertFault(
        unslashed.replace("\"honestOwnersSlashed\":0", "\"honestOwnersSlashed\":1"),
        "honest owners were slashed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/accuracy",
        "/tasks/verified",
        "/lies/drawn",
        "/lies/proved",
        "/lies/missProbability",
        "/dishonest/caught",
        "/dishonest/slashed",
        "/honestOwnersSlashed",
        "/chain/escrowed",
        "/chain/paid",
        "/chain/fees",
        "/chain/refunded",
        "/chain/stakeIn",
        "/chain/stakeSlashed",
        "/ledger/escrowed",
        "/ledger/paid",
        "/ledger/fees",
        "/ledger/refunded",
        "/ledger/stakeIn",
        "/ledger/stakeSlashed",
        "/stateHash/node-1",
        "/stateHash/node-2",
        "/stateHash/node-3",
      })
  void everyCheckedFieldIsMissedAndItsChangeIsSeen(String path) throws Exception {
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);

    ObjectNode without = (ObjectNode) new ObjectMapper().readTree(SOUND);
    ((ObjectNode) without.at(path.substring(0, slash))).remove(name);
    assertFalse(ReportCheck.faults(without).isEmpty(), "missing " + path);

    ObjectNode changed = (ObjectNode) new ObjectMapper().readTree(SOUND);
    ObjectNode parent = (ObjectNode) changed.at(path.substring(0, slash));
    if (parent.get(name).isTextual()) {
      parent.put(name, parent.get(name).asText() + "1");
    } else if (parent.get(name).isBoolean()) {
      parent.put(name, !parent.get(name).asBoolean());
    } else {
      parent.put(name, -1);
    }
    assertFalse(ReportCheck.faults(changed).isEmpty(), "changed " + path);
  }

  private static List<String> faults(String json) throws Exception {
    return ReportCheck.faults(new ObjectMapper().readTree(json));
  }

  private static void assertFault(String json, String part) throws Exception {
    List<String> faults = faults(json);
    assertTrue(faults.stream().anyMatch(fault -> fault.contains(part)), faults.toString());
  }
}
