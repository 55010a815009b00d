package io.shardex.ops.demo;

import io.shardex.cli.JobView;
import io.shardex.cli.RoundView;
import io.shardex.cli.ShardView;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.JobId;
import io.shardex.market.ResourceClass;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.TaskPhase;
import io.shardex.ops.demo.PriceHistory.EpochPrice;
import io.shardex.ops.localnet.Liar;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.ops.localnet.Owner;
import io.shardex.ops.localnet.StateHashes;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.JobPayment;
import io.shardex.settlement.JobPayment.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A demo that went well, in round numbers. */
final class SampleResult {
  static final Owner ADA =
      new Owner(
          "ada",
          SigningKey.fromSeed(1, "owner/ada"),
          UnitPrice.ZERO,
          Amount.of(40_000_000),
          List.of("worker-1", "worker-2"),
          true);
  static final Owner MALLORY =
      new Owner(
          "mallory",
          SigningKey.fromSeed(1, "owner/mallory"),
          UnitPrice.ZERO,
          Amount.of(5_000_000),
          List.of("worker-3"),
          false);
  static final Address BUILDER = new Address(0, 0, 1);
  static final Address TREASURY = new Address(0, 0, 2);
  static final PlainRun PLAIN = new PlainRun("ab", "cd", 22.04, 21.5);

  private SampleResult() {}

  /** With a liar that lied in each way once and was caught. */
  static DemoResult result() {
    return result(
        List.of(ADA, MALLORY),
        new AuditStory.Tally(21, 4, 4, List.of(), Map.of(MALLORY.address(), Amount.of(5_000_000))),
        Optional.of(
            new DemoResult.Dishonest(
                MALLORY,
                new AuditStory.Lies(5, 4, 4, 0.00002),
                List.of(Liar.Lie.values()),
                Amount.of(5_000_000))));
  }

  /** With the liar, whose lies cost these owners this much. */
  static DemoResult slashing(Map<Address, Amount> slashed) {
    DemoResult.Dishonest liar = result().dishonest().orElseThrow();
    return result(
        List.of(ADA, MALLORY),
        new AuditStory.Tally(21, 4, 4, List.of(), slashed),
        Optional.of(liar));
  }

  /** With the liar, some of whose lies were found in rounds that were closed. */
  static DemoResult tainted(List<Integer> rounds) {
    return result(
        List.of(ADA, MALLORY),
        new AuditStory.Tally(21, 4, 4, rounds, Map.of(MALLORY.address(), Amount.of(5_000_000))),
        result().dishonest());
  }

  /** Without a liar. */
  static DemoResult honest() {
    return result(
        List.of(ADA), new AuditStory.Tally(17, 0, 0, List.of(), Map.of()), Optional.empty());
  }

  private static DemoResult result(
      List<Owner> owners, AuditStory.Tally audits, Optional<DemoResult.Dishonest> dishonest) {
    MoneyTotals money = money(audits);
    return new DemoResult(
        1,
        false,
        job(),
        "0xdeposit",
        60_000,
        10_000,
        BUILDER,
        TREASURY,
        owners,
        List.of(new EpochPrice(1, new ResourceClass("cpu"), new UnitPrice(5_500_000_000L))),
        new ChainBooks(
            money,
            List.of(
                new JobPayment(ADA.address(), Amount.of(2_600), Kind.PAY, "0xabc", 9),
                new JobPayment(TREASURY, Amount.of(52), Kind.PAY, "0xabc", 9),
                new JobPayment(BUILDER, Amount.of(4_997_348), Kind.REFUND, "0xabc", 9))),
        money,
        audits,
        dishonest,
        new StateHashes(812, new TreeMap<>(hashes())),
        new DemoResult.Seconds(12.12, 51.04, 70.36),
        new DemoResult.Cost(45.01, 3.04, 9.04, 3.96, 1_900),
        Path.of("/state/model.safetensors"),
        "ab",
        URI.create("http://127.0.0.1:9090/metrics"));
  }

  static JobView job() {
    return new JobView(
        new JobId(Digest.ZERO),
        Optional.of(JobPhase.COMPLETED),
        1,
        1,
        Collections.nCopies(6, new ShardView(0, TaskPhase.VERIFIED, Optional.empty(), 40, 40)),
        List.of(
            new RoundView(
                1,
                Digest.ZERO,
                0.1021,
                6,
                Optional.of(new UnitPrice(5_500_000_000L)),
                new RoundView.Score.Tested(0.97812, 0.0712))),
        Optional.of(new UnitPrice(5_500_000_000L)),
        Amount.of(2_600),
        Amount.of(52),
        60,
        0,
        Optional.of(new Ending(Ending.Cause.ALL_ROUNDS_DONE, "1 round")),
        Optional.of(Amount.of(4_997_348)),
        true);
  }

  /** In its second round: a shard verified, one half trained by the builder itself, one open. */
  static JobView openJob() {
    return new JobView(
        new JobId(Digest.ZERO),
        Optional.of(JobPhase.RUNNING),
        2,
        3,
        List.of(
            new ShardView(0, TaskPhase.VERIFIED, Optional.of(ADA.address()), 40, 40),
            new ShardView(1, TaskPhase.LEASED, Optional.of(BUILDER), 20, 40),
            new ShardView(2, TaskPhase.OPEN, Optional.empty(), 0, 0)),
        List.of(),
        Optional.of(new UnitPrice(5_500_000_000L)),
        Amount.ZERO,
        Amount.ZERO,
        1,
        0,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static Map<String, Digest> hashes() {
    Digest hash = Digest.parse("9f".repeat(32));
    return Map.of("node-1", hash, "node-2", hash, "node-3", hash);
  }

  private static MoneyTotals money(AuditStory.Tally audits) {
    return new MoneyTotals(
        Amount.of(5_000_000),
        Amount.of(2_600),
        Amount.of(52),
        Amount.of(4_997_348),
        Amount.of(45_000_000),
        audits.slashedFrom(MALLORY.address()));
  }
}
