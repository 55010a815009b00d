package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.ops.launch.Shardex;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoReportTest {
  private static final String MONEY =
      """
      {"escrowed":"5000000","paid":"2600","fees":"52","refunded":"4997348","stakeIn":"40000000",\
      "stakeSlashed":"0"}""";

  private static final String GOLDEN =
      """
      {"commit":"unknown","jdk":"JDK","seed":1,"quick":false,"accuracy":0.9781,"trainImages":60000,
       "rounds":1,"tasks":{"verified":60,"rejected":0},
       "prices":[{"epoch":1,"class":"cpu","price":"5500000000"}],
       "chain":MONEY,"ledger":MONEY,"transactions":["0xdeposit","0xabc"],
       "stateHash":{"index":812,"node-1":"HASH","node-2":"HASH","node-3":"HASH"},
       "seconds":{"ready":12.1,"job":51.0,"total":70.4},
       "cpuSeconds":{"total":45.0,"plainTraining":22.0,"evaluation":3.0},
       "peakRssMiB":1900,"model":"model.safetensors"}
      """
          .replace("MONEY", MONEY)
          .replace("HASH", "9f".repeat(32));

  @Test
  void theReportHasExactlyTheAgreedShape() throws Exception {
    ObjectNode report = DemoReport.of(SampleResult.result(), SampleResult.PLAIN);
    report.put("jdk", "JDK");

    assertEquals(tree(GOLDEN).toPrettyString(), tree(report.toString()).toPrettyString());
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
