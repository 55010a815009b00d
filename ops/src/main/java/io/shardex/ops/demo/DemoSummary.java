package io.shardex.ops.demo;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.market.Address;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.ops.localnet.Owner;
import io.shardex.pricing.Amount;
import io.shardex.settlement.JobPayment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    lines.add("escrowed by transaction " + result.deposit());
    lines.add(row(result.chain().totals().escrowed(), "builder", result.builder()));
    byTransaction(result.chain().payments())
        .forEach((transaction, payments) -> addPayments(lines, result, transaction, payments));
    lines.add(balance(result.chain().totals()));
    lines.add("");
    lines.add(
        format(
            ROOT,
            "shards      %d verified; workers: %s",
            result.job().verified(),
            owners(result.owners())));
    lines.add(
        format(
            ROOT,
            "audits      %d results executed again, %d in dispute, %d refuted; tainted rounds: %s",
            result.audits().audited(),
            result.audits().disputed(),
            result.audits().rejected(),
            result.audits().tainted().isEmpty() ? "none" : result.audits().tainted()));
    result.dishonest().map(DemoSummary::liar).ifPresent(lines::addAll);
    lines.add("model       " + result.model());
    lines.add("metrics     " + result.metrics() + " while the network is up (--keep)");
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

  /** How its lies ended, and in which ways it lied, each named once. */
  private static List<String> liar(DemoResult.Dishonest liar) {
    return List.of(
        format(
            ROOT,
            "%-11s lied %d times: %d drawn, %d proved; slashed %s; missed with probability %.6f",
            liar.owner().name(),
            liar.lies().made(),
            liar.lies().drawn(),
            liar.lies().proved(),
            liar.slashed(),
            liar.lies().missProbability()),
        liar.ways().stream()
            .distinct()
            .map(way -> way.name().toLowerCase(ROOT).replace('_', ' '))
            .collect(Collectors.joining(", ", " ".repeat(12), "")));
  }

  private static Map<String, List<JobPayment>> byTransaction(List<JobPayment> payments) {
    return payments.stream()
        .collect(
            Collectors.groupingBy(
                JobPayment::transaction, LinkedHashMap::new, Collectors.toList()));
  }

  private static void addPayments(
      List<String> lines, DemoResult result, String transaction, List<JobPayment> payments) {
    boolean pays = payments.stream().anyMatch(one -> one.kind() == JobPayment.Kind.PAY);
    boolean refunds = payments.stream().anyMatch(one -> one.kind() == JobPayment.Kind.REFUND);
    lines.add(
        (pays && refunds ? "paid and refunded" : pays ? "paid" : "refunded")
            + " by transaction "
            + transaction);
    for (JobPayment payment : payments) {
      lines.add(row(payment.amount(), result.roleOf(payment), payment.payee()));
    }
  }

  private static String row(Amount amount, String name, Address address) {
    return format(ROOT, "%12s  %-16s  %s", amount, name, address);
  }

  private static String balance(MoneyTotals money) {
    return format(
        ROOT,
        "%12s  escrowed = %s paid + %s fees + %s refunded",
        money.escrowed(),
        money.paid(),
        money.fees(),
        money.refunded());
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
