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
          + "\"stakeIn\":\"40000000\",\"stakeSlashed\":\"0\"}";
  private static final String SOUND =
      """
      {"quick":false,"accuracy":0.9781,"tasks":{"verified":60,"rejected":0},
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/accuracy",
        "/tasks/verified",
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
