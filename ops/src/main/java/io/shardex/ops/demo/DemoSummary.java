package io.shardex.ops.demo;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.market.Address;
import io.shardex.ops.localnet.Owner;
import io.shardex.settlement.JobPayment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The end of a demo in words: how good the model is, who got the money, where things lie. */
final class DemoSummary {
  private DemoSummary() {}

  /** The summary, line by line. */
  static List<String> lines(DemoResult result) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        format(
            ROOT,
            "%.2f %% of %,d test images are recognised after %d rounds on %,d training images",
            100 * result.accuracy(),
            result.testImages(),
            result.job().closed().size(),
            result.trainImages()));
    lines.add("");
    lines.add(row("escrowed", "builder", result.builder(), result.chain().totals().escrowed()));
    lines.add("            transaction " + result.deposit());
    for (JobPayment payment : result.chain().payments()) {
      lines.add(
          row(
              switch (payment.kind()) {
                case PAY -> "paid";
                case REFUND -> "refunded";
              },
              result.nameOf(payment.payee()),
              payment.payee(),
              payment.amount()));
      lines.add("            transaction " + payment.transaction());
    }
    lines.add("");
    lines.add(
        format(
            ROOT,
            "shards      %d verified, %d rejected; workers: %s",
            result.job().verified(),
            result.job().rejected(),
            owners(result.owners())));
    lines.add("model       " + result.model());
    lines.add("metrics     " + result.metrics());
    lines.add(
        format(
            ROOT,
            "time        %.1f s in all; network ready after %.1f s, job %.1f s",
            result.seconds().total(),
            result.seconds().ready(),
            result.seconds().job()));
    lines.add(
        format(
            ROOT,
            "machine     %.1f CPU-s for the job, %.1f of them for testing; %,d MiB at most",
            result.cost().cpuSeconds(),
            result.cost().evaluationCpuSeconds(),
            result.cost().peakRssMiB()));
    return lines;
  }

  private static String row(String what, String name, Address address, Object amount) {
    return format(ROOT, "%-11s %12s  %-9s %s", what, amount, name, address);
  }

  private static String owners(List<Owner> owners) {
    return owners.stream()
        .map(owner -> owner.name() + " " + owner.workers().size())
        .collect(Collectors.joining(", "));
  }

  /** What the marketplace costs beyond the training itself. */
  static String overhead(DemoResult result, PlainRun plain) {
    double rest =
        result.cost().cpuSeconds() - plain.cpuSeconds() - result.cost().evaluationCpuSeconds();
    return format(
        ROOT,
        "marketplace %.1f CPU-s = %.1f in all - %.1f plain training - %.1f testing",
        rest,
        result.cost().cpuSeconds(),
        plain.cpuSeconds(),
        result.cost().evaluationCpuSeconds());
  }
}
