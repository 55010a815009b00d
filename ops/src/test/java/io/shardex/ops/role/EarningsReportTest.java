package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.earnings.Earnings;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.role.EarningsReport.By;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.PayeeAccount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EarningsReportTest {
  private static final Address OWNER = new Address(1, 2, 3);
  private static final Address WORKER = new Address(4, 5, 6);
  private static final JobId PAID = new JobId(Digest.sha256(new byte[] {1}));
  private static final JobId PENDING = new JobId(Digest.sha256(new byte[] {2}));
  private static final Instant OCTOBER = Instant.parse("2026-10-31T23:59:59Z");
  private static final Instant NOVEMBER = Instant.parse("2026-11-01T00:00:00Z");

  private final Earnings earnings = new Earnings(OWNER);

  @Test
  void monthsAreCutAtMidnightUtcAndPaidIsApartFromPending() {
    history();

    assertEquals(
        List.of(
            "MONTH       LEASES          PAID       PENDING  WITHHELD",
            "2026-10          1      0.000010      0.000000  none",
            "2026-11          3      0.000000      0.000020  1 EXPIRED",
            "earned        0.000030: 0.000010 paid, 0.000020 pending",
            "open leases   1",
            "withheld      1 EXPIRED"),
        report(By.MONTH, Instant.EPOCH).text());
  }

  @Test
  void linesBeforeSinceAreLeftOutAndSumsAreOfAll() {
    history();

    List<String> text = report(By.DAY, NOVEMBER).text();

    assertEquals("2026-11-01       3      0.000000      0.000020  1 EXPIRED", text.get(1));
    assertEquals("earned        0.000030: 0.000010 paid, 0.000020 pending", text.get(2));
  }

  @Test
  void eachLeaseSaysWhatBecameOfIt() {
    history();

    assertEquals(
        List.of("paid", "pending", "withheld", "leased"),
        report(By.LEASE, Instant.EPOCH).text().subList(1, 5).stream()
            .map(line -> line.split(" +", -1)[4])
            .toList());
    var leases = report(By.LEASE, Instant.EPOCH).json().get("leases");
    assertEquals("EXPIRED", leases.get(2).get("why").asText());
    assertEquals("20", leases.get(1).get("pay").asText());
  }

  @Test
  void timesAreReadAsPeopleWriteThem() {
    Instant now = Instant.parse("2026-11-26T12:00:00Z");
    assertEquals(Instant.EPOCH, WorkerEarnings.since(Optional.empty(), now));
    assertEquals(
        Instant.parse("2026-11-19T12:00:00Z"), WorkerEarnings.since(Optional.of("7d"), now));
    assertEquals(
        Instant.parse("2026-11-26T00:00:00Z"), WorkerEarnings.since(Optional.of("12h"), now));
    assertEquals(NOVEMBER, WorkerEarnings.since(Optional.of("2026-11-01"), now));
    assertEquals(OCTOBER, WorkerEarnings.since(Optional.of(OCTOBER.toString()), now));
    for (String wrong : List.of("yesterday", "7", "2026-13-01", "-1d", "2026-11-01T25:00:00Z")) {
      assertThrows(Trouble.class, () -> WorkerEarnings.since(Optional.of(wrong), now), wrong);
    }
  }

  /** One lease each that is paid, pending, expired and going on. */
  private void history() {
    grant(PAID, 0, OCTOBER);
    verify(PAID, 0, 10, OCTOBER);
    earnings.heard(NOVEMBER.toEpochMilli(), new Event.JobSettled(PAID));
    for (int shard = 0; shard < 3; shard++) {
      grant(PENDING, shard, OCTOBER);
    }
    verify(PENDING, 0, 20, NOVEMBER);
    earnings.heard(
        NOVEMBER.toEpochMilli() + 1,
        new Event.LeaseFailed(task(PENDING, 1), 1, WORKER, Event.Failure.EXPIRED));
    grant(PENDING, 2, NOVEMBER.plusMillis(2));
  }

  private void grant(JobId job, int shard, Instant at) {
    earnings.heard(
        at.toEpochMilli(),
        new Event.LeaseGranted(
            task(job, shard), 1, WORKER, OWNER, UnitPrice.ZERO, Amount.ZERO, Long.MAX_VALUE));
  }

  private void verify(JobId job, int shard, long pay, Instant at) {
    earnings.heard(
        at.toEpochMilli(),
        new Event.ShardVerified(
            task(job, shard), OWNER, new FeeSplit(Amount.of(pay), Amount.ZERO)));
  }

  private static TaskId task(JobId job, int shard) {
    return new TaskId(job, 1, shard);
  }

  private EarningsReport report(By by, Instant since) {
    return new EarningsReport(OWNER, new PayeeAccount(9, earnings, true), by, since);
  }
}
