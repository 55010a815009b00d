package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.SubmissionStep;
import io.shardex.pricing.Amount;
import io.shardex.pricing.WorkUnits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextViewTest {
  private final StringWriter out = new StringWriter();

  @Test
  void aClosedRoundIsPrintedOnceWhenItIsScored() {
    TextView view = new TextView(LiveLine.plain(new PrintWriter(out, true)));

    view.prices(new WorkUnits(60_000_000), Map.of());
    view.job(SampleResult.job());
    view.job(SampleResult.job());

    List<String> rounds = out.toString().lines().filter(line -> line.startsWith("round")).toList();
    assertEquals(
        List.of("round  1/1  6/6 shards  loss 0.1021  test accuracy 97.81 %  price 0.33/h"),
        rounds);
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
    assertTrue(
        summary.contains("escrowed by transaction 0xdeposit\n    5.000000  builder "), summary);
    assertTrue(summary.contains("\n    0.002600  ada "), summary);
    assertTrue(summary.contains("\n    0.000052  treasury (fees) "), summary);
    assertTrue(summary.contains("\n    4.997348  builder (refund) "), summary);
    assertTrue(
        summary.contains("5.000000  escrowed = 0.002600 paid + 0.000052 fees + 4.997348 refunded"),
        summary);
    assertTrue(summary.contains("/state/model.safetensors"), summary);
    assertTrue(summary.contains("http://127.0.0.1:9090/metrics"), summary);
  }

  @Test
  void aTransactionIsPrintedOnceHoweverManyItPays() {
    List<String> summary = DemoSummary.lines(SampleResult.result());

    List<String> hashes = summary.stream().filter(line -> line.contains("0xabc")).toList();
    assertEquals(List.of("paid and refunded by transaction 0xabc"), hashes);
  }

  @Test
  void theSummaryFitsAHundredColumns() {
    Stream.of(SampleResult.result(), SampleResult.honest(), SampleResult.tainted(List.of(1, 2, 10)))
        .flatMap(result -> DemoSummary.lines(result).stream())
        .forEach(line -> assertTrue(line.length() <= 100, line));
  }

  @Test
  void theSummaryTellsWhatBecameOfTheLies() {
    List<String> summary = DemoSummary.lines(SampleResult.result());

    assertTrue(
        summary.contains(
            "audits      21 results executed again, 4 in dispute, 4 refuted; tainted rounds: none"),
        summary.toString());
    assertTrue(
        summary.contains(
            "mallory     lied 5 times: 4 drawn, 4 proved; slashed 5.000000;"
                + " missed with probability 0.000020"),
        summary.toString());
    assertTrue(
        summary.contains("            scaled update, one ulp, true root, copied seal, silence"),
        summary.toString());
    assertTrue(
        String.join("\n", DemoSummary.lines(SampleResult.tainted(List.of(2, 3))))
            .contains("; tainted rounds: [2, 3]"));
  }

  @Test
  void withoutALiarTheSummaryNamesNone() {
    String summary = String.join("\n", DemoSummary.lines(SampleResult.honest()));

    assertFalse(summary.contains("lied"), summary);
    assertTrue(summary.contains("17 results executed again, 0 in dispute, 0 refuted"), summary);
  }

  @Test
  void onATerminalEachShardAtWorkHasABarAndItsWorkersName() {
    TextView view = new TextView(LiveLine.terminal(new PrintWriter(out, true)));

    view.prices(new WorkUnits(60_000_000), Map.of(SampleResult.BUILDER, "worker-1"));
    view.job(SampleResult.openJob());
    view.note("next");

    String shown = out.toString().replace(System.lineSeparator(), "\n");
    assertTrue(
        shown.startsWith(
            """
            round  2/3  1/3 shards  [##########..........]  spent 0.000000  price 0.33/h
              shard  2    [##########..........]   50 %  worker-1"""),
        shown);
    assertTrue(shown.endsWith("\r\u001b[2K\u001b[1A\r\u001b[2K  next\n"), "both are erased");
  }

  @Test
  void aPriceKeepsTheDigitsThatSaySomething() {
    assertEquals("0.33", TextView.brief(Amount.of(330_000)));
    assertEquals("0.3383", TextView.brief(Amount.of(338_299)));
    assertEquals("0.345", TextView.brief(Amount.of(345_000)));
    assertEquals("0.00", TextView.brief(Amount.ZERO));
    assertEquals("12.50", TextView.brief(Amount.of(12_500_000)));
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
    view.compared(SampleResult.result(), SampleResult.PLAIN);
    view.end();

    List<String> lines = out.toString().lines().toList();
    assertTrue(lines.stream().allMatch(line -> line.startsWith("{\"event\":\"")), out.toString());
    assertTrue(lines.getLast().startsWith("{\"event\":\"done\""), lines.getLast());
    assertTrue(lines.getLast().contains("\"amount\":\"4997348\""), lines.getLast());
    assertFalse(lines.isEmpty());
  }
}
