package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.SubmissionStep;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextViewTest {
  private final StringWriter out = new StringWriter();

  @Test
  void aClosedRoundIsPrintedOnceWhenItIsScored() {
    TextView view = new TextView(LiveLine.plain(new PrintWriter(out, true)));

    view.job(SampleResult.job());
    view.job(SampleResult.job());

    List<String> rounds = out.toString().lines().filter(line -> line.startsWith("round")).toList();
    assertEquals(List.of("round  1/1  loss 0.1021  test accuracy 97.81 %"), rounds);
  }

  @Test
  void withoutATerminalNothingIsWrittenOver() {
    TextView view = new TextView(LiveLine.plain(new PrintWriter(out, true)));

    view.submission(new SubmissionStep.Uploading("images", 1, 2));
    assertEquals("", out.toString());

    view.submission(new SubmissionStep.Uploading("images", 2, 2));
    assertEquals("  uploaded images, 2 bytes", out.toString().strip().indent(2).stripTrailing());
  }

  @Test
  void onATerminalTheOpenLineIsErasedBeforeTheNext() {
    TextView view = new TextView(LiveLine.terminal(new PrintWriter(out, true)));

    view.submission(new SubmissionStep.Uploading("images", 1, 2));
    view.note("done");

    assertTrue(
        out.toString().contains("[##########..........]  50 %\r\u001b[2K  done"), out.toString());
  }

  @Test
  void theSummaryTellsWhoGotWhatByWhichTransaction() {
    String summary = String.join("\n", DemoSummary.lines(SampleResult.result()));

    assertTrue(summary.contains("97.81 % of 10,000 test images"), summary);
    assertTrue(summary.contains("paid            0.002600  ada       "), summary);
    assertTrue(summary.contains("paid            0.000052  treasury  "), summary);
    assertTrue(summary.contains("refunded        4.997348  builder   "), summary);
    assertTrue(summary.contains("transaction 0xabc"), summary);
    assertTrue(summary.contains("/state/model.safetensors"), summary);
    assertTrue(summary.contains("http://127.0.0.1:9090/metrics"), summary);
  }

  @Test
  void theMarketplacesCostIsWhatTrainingAndTestingDoNotExplain() {
    String line = DemoSummary.overhead(SampleResult.result(), SampleResult.PLAIN);

    assertTrue(line.startsWith("marketplace 19.9 CPU-s = 45.0 in all - 22.0"), line);
  }

  @Test
  void jsonIsOneObjectALineAndHasNoTextAround() {
    JsonView view = new JsonView(new PrintWriter(out, true));

    view.note("a \"quoted\" word");
    view.job(SampleResult.job());
    view.done(SampleResult.result());

    List<String> lines = out.toString().lines().toList();
    assertTrue(lines.stream().allMatch(line -> line.startsWith("{\"event\":\"")), out.toString());
    assertTrue(lines.getLast().contains("\"amount\":\"4997348\""), lines.getLast());
    assertFalse(lines.isEmpty());
  }
}
