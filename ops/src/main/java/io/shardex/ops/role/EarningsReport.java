package io.shardex.ops.role;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.Address;
import io.shardex.market.earnings.Earnings;
import io.shardex.market.earnings.LeaseEarning;
import io.shardex.market.earnings.LeaseEarning.Standing;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.PayeeAccount;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an owner earned, in lines and sums. Times are UTC; a lease belongs to the time at which its
 * pay was decided.
 *
 * @param since leases of earlier times are left out of the lines; sums are always of all
 */
record EarningsReport(Address owner, PayeeAccount account, By by, Instant since) {
  /** What a line is of. */
  enum By {
    LEASE,
    DAY,
    MONTH,
    WORKER;

    /** The text that leases of one line share. */
    private String key(LeaseEarning lease) {
      String time = Instant.ofEpochMilli(lease.changedMillis()).toString();
      return switch (this) {
        case LEASE -> time;
        case DAY -> time.substring(0, 10);
        case MONTH -> time.substring(0, 7);
        case WORKER -> lease.worker().toString();
      };
    }
  }

  /** A day's, a month's or a worker's leases. */
  private record Line(long leases, Amount paid, Amount pending, Map<String, Long> withheld) {}

  List<String> text() {
    List<String> lines = new ArrayList<>();
    if (by == By.LEASE) {
      eachLease(lines);
    } else {
      eachSpan(lines);
    }
    Earnings sums = account.earnings();
    Amount paid = sums.sum(true);
    Amount pending = sums.sum(false);
    lines.add("earned        %s: %s paid, %s pending".formatted(paid.plus(pending), paid, pending));
    if (!sums.executions().isZero()) {
      lines.add("  of that     %s for executions as a validator".formatted(sums.executions()));
    }
    lines.add("open leases   %d".formatted(open()));
    Map<String, Long> withheld = withheld(List.copyOf(sums.leases()));
    lines.add("withheld      " + reasons(withheld));
    if (!sums.slashed().isZero()) {
      lines.add("slashed       %s of the stake".formatted(sums.slashed()));
    }
    if (!sums.compensations().isZero()) {
      lines.add("compensation  %s, out of others' stakes, on top".formatted(sums.compensations()));
    }
    return lines;
  }

  ObjectNode json() {
    Earnings sums = account.earnings();
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("owner", owner.toString())
            .put("index", account.index())
            .put("whole", account.whole())
            .put("paid", units(sums.sum(true)))
            .put("pending", units(sums.sum(false)))
            .put("executions", units(sums.executions()))
            .put("slashed", units(sums.slashed()))
            .put("compensations", units(sums.compensations()))
            .put("openLeases", open());
    ObjectNode withheld = object.putObject("withheld");
    withheld(List.copyOf(sums.leases())).forEach(withheld::put);
    ArrayNode list = object.putArray(by == By.LEASE ? "leases" : "spans");
    if (by == By.LEASE) {
      shown().forEach(lease -> put(list.addObject(), lease));
    } else {
      spans()
          .forEach(
              (span, line) -> {
                ObjectNode one =
                    list.addObject()
                        .put("span", span)
                        .put("leases", line.leases())
                        .put("paid", units(line.paid()))
                        .put("pending", units(line.pending()));
                ObjectNode why = one.putObject("withheld");
                line.withheld().forEach(why::put);
              });
    }
    return object;
  }

  private void put(ObjectNode one, LeaseEarning lease) {
    one.put("job", lease.task().job().toString())
        .put("round", lease.task().round())
        .put("shard", lease.task().shard())
        .put("audit", lease.task().isAudit())
        .put("fence", lease.fence())
        .put("worker", lease.worker().toString())
        .put("grantedAt", time(lease.grantedMillis()))
        .put("changedAt", time(lease.changedMillis()))
        .put("standing", standing(lease))
        .put("pay", units(lease.pay()));
    if (!lease.why().isEmpty()) {
      one.put("why", lease.why());
    }
  }

  private void eachLease(List<String> lines) {
    String form = "%-20s  %-22s  %-10s  %-9s  %10s  %s";
    lines.add(form.formatted("WHEN", "TASK", "WORKER", "STANDING", "NET", "WHY").stripTrailing());
    for (LeaseEarning lease : shown()) {
      lines.add(
          form.formatted(
                  time(lease.changedMillis()),
                  lease.task() + " (" + lease.fence() + ")",
                  lease.worker().brief(),
                  standing(lease),
                  lease.pay(),
                  lease.why())
              .stripTrailing());
    }
  }

  private void eachSpan(List<String> lines) {
    String form = "%-10s  %6s  %12s  %12s  %s";
    lines.add(form.formatted(by, "LEASES", "PAID", "PENDING", "WITHHELD"));
    spans()
        .forEach(
            (span, line) ->
                lines.add(
                    form.formatted(
                        // A worker's address at its beginning, as elsewhere.
                        span.substring(0, Math.min(10, span.length())),
                        line.leases(),
                        line.paid(),
                        line.pending(),
                        reasons(line.withheld()))));
  }

  private Map<String, Line> spans() {
    TreeMap<String, List<LeaseEarning>> spans = new TreeMap<>();
    for (LeaseEarning lease : shown()) {
      spans.computeIfAbsent(by.key(lease), any -> new ArrayList<>()).add(lease);
    }
    TreeMap<String, Line> lines = new TreeMap<>();
    spans.forEach(
        (span, leases) ->
            lines.put(
                span,
                new Line(leases.size(), pay(leases, true), pay(leases, false), withheld(leases))));
    return lines;
  }

  private Amount pay(List<LeaseEarning> leases, boolean paid) {
    return leases.stream()
        .filter(lease -> account.earnings().isPaid(lease.task().job()) == paid)
        .map(LeaseEarning::pay)
        .reduce(Amount.ZERO, Amount::plus);
  }

  /** By time; leases of one time by task. */
  private List<LeaseEarning> shown() {
    return account.earnings().leases().stream()
        .filter(lease -> lease.changedMillis() >= since.toEpochMilli())
        .sorted(Comparator.comparingLong(LeaseEarning::changedMillis))
        .toList();
  }

  private long open() {
    return account.earnings().leases().stream()
        .filter(
            lease -> lease.standing() == Standing.LEASED || lease.standing() == Standing.COMMITTED)
        .count();
  }

  private static Map<String, Long> withheld(List<LeaseEarning> leases) {
    return leases.stream()
        .filter(lease -> lease.standing() == Standing.WITHHELD)
        .collect(Collectors.groupingBy(LeaseEarning::why, TreeMap::new, Collectors.counting()));
  }

  private static String reasons(Map<String, Long> withheld) {
    return withheld.isEmpty()
        ? "none"
        : withheld.entrySet().stream()
            .map(reason -> reason.getValue() + " " + reason.getKey())
            .collect(Collectors.joining(", "));
  }

  private String standing(LeaseEarning lease) {
    boolean paid = account.earnings().isPaid(lease.task().job());
    return lease.standing() == Standing.EARNED
        ? paid ? "paid" : "pending"
        : lease.standing().name().toLowerCase(Locale.ROOT);
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String units(Amount amount) {
    return Long.toString(amount.units());
  }
}
