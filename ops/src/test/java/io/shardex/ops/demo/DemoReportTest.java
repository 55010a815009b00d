package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.ops.launch.Shardex;
import io.shardex.pricing.Amount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoReportTest {
  private static final String MONEY =
      """
      {"escrowed":"5000000","paid":"2600","fees":"52","refunded":"4997348","stakeIn":"45000000",\
      "stakeSlashed":"5000000"}""";

  private static final String GOLDEN =
      """
      {"commit":"unknown","jdk":"JDK","seed":1,"quick":false,"accuracy":0.9781,"trainImages":60000,
       "rounds":1,"tasks":{"verified":60,"rejected":4,"audited":21,"disputed":4},
       "lies":{"made":5,"drawn":4,"proved":4,"missProbability":0.00002},
       "dishonest":{"owner":"MALLORY","caught":true,"slashed":"5000000"},
       "honestOwnersSlashed":0,"taintedRounds":[],
       "prices":[{"epoch":1,"class":"cpu","price":"5500000000"}],
       "chain":MONEY,"ledger":MONEY,"transactions":["0xdeposit","0xabc"],
       "stateHash":{"index":812,"node-1":"HASH","node-2":"HASH","node-3":"HASH"},
       "seconds":{"ready":12.1,"job":51.0,"total":70.4},
       "cpuSeconds":{"total":45.0,"plainTraining":22.0,"evaluation":3.0,"audits":9.0,"disputes":4.0},
       "peakRssMiB":1900,"model":"model.safetensors"}
      """
          .replace("MONEY", MONEY)
          .replace("HASH", "9f".repeat(32))
          .replace("MALLORY", SampleResult.MALLORY.address().toString());

  @Test
  void theReportHasExactlyTheAgreedShape() throws Exception {
    ObjectNode report = DemoReport.of(SampleResult.result(), SampleResult.PLAIN);
    report.put("jdk", "JDK");

    assertEquals(tree(GOLDEN).toPrettyString(), tree(report.toString()).toPrettyString());
  }

  @Test
  void withoutALiarNobodyIsDishonestAndNoLieIsMade() {
    ObjectNode report = DemoReport.of(SampleResult.honest(), SampleResult.PLAIN);

    assertFalse(report.has("dishonest"));
    assertEquals(0, report.at("/lies/made").asInt(-1));
    assertEquals(0, report.at("/lies/proved").asInt(-1));
    assertEquals(0, report.at("/honestOwnersSlashed").asInt(-1));
    assertEquals("0", report.at("/ledger/stakeSlashed").asText());
  }

  @Test
  void anOwnerThatLostStakeAndIsNotTheLiarIsCounted() {
    DemoResult both =
        SampleResult.slashing(
            Map.of(
                SampleResult.MALLORY.address(), Amount.of(5_000_000),
                SampleResult.ADA.address(), Amount.of(1)));

    assertEquals(1, DemoReport.of(both, SampleResult.PLAIN).at("/honestOwnersSlashed").asInt());
  }

  @Test
  void taintedRoundsAreListed() {
    ObjectNode report = DemoReport.of(SampleResult.tainted(List.of(2, 3)), SampleResult.PLAIN);

    assertEquals("[2,3]", report.path("taintedRounds").toString());
  }

  @Test
  void theReportCheckAcceptsIt(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("report.json");
    DemoReport.write(DemoReport.of(SampleResult.result(), SampleResult.PLAIN), file);
    StringWriter out = new StringWriter();

    int status =
        Shardex.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute("report", "check", file.toString());

    assertEquals(0, status, out.toString());
  }

  private static JsonNode tree(String json) throws Exception {
    return new ObjectMapper().readTree(json);
  }
}
