package io.shardex.cli.audit;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import io.shardex.settlement.BatchEncoding;
import io.shardex.settlement.ChainBooks;
import io.shardex.settlement.ChainBooks.Claim;
import io.shardex.settlement.ChainBooks.Grant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the replayed log says the contracts must have paid: the totals of every batch that the chain
 * has settled. A batch is made by the replay itself, from the replayed ledger; that validators
 * signed the same is compared when they did.
 */
public final class PaymentBook {
  private final TreeMap<Long, Batch> sealed = new TreeMap<>();
  private final TreeMap<Long, Digest> signed = new TreeMap<>();
  private final Map<JobId, Amount> deposited = new HashMap<>();
  private final Map<JobId, Amount> reclaimed = new HashMap<>();
  private final Map<Claim, Line> pays = new HashMap<>();
  private final Map<JobId, Line> refunds = new HashMap<>();
  private final Map<Address, Line> slashes = new HashMap<>();
  private final Map<Grant, Line> compensations = new HashMap<>();

  /** A total, and the batch that it is from. */
  private record Line(Amount total, long batch, long logIndex) {
    /** Totals never fall: of two batches the larger one holds, in whatever order they came. */
    static Line larger(Line a, Line b) {
      return a.total().compareTo(b.total()) >= 0 ? a : b;
    }

    String source() {
      return "batch %d (of log index %d) says %s".formatted(batch, logIndex, total);
    }
  }

  /**
   * What was compared.
   *
   * @param block up to which chain and log were compared
   * @param lines totals of payees, jobs, owners and beneficiaries that were found equal
   * @param paid their sum over payees, the treasury included
   * @param inFlight what batches on their way will pay, line by line
   */
  public record Compared(
      long block,
      int lines,
      Amount deposited,
      Amount paid,
      Amount refunded,
      Amount slashed,
      Amount compensated,
      List<String> inFlight) {
    public Compared {
      inFlight = List.copyOf(inFlight);
    }
  }

  void follow(long index, Event event) {
    switch (event) {
      case Event.BatchSealed made -> sealed.put(made.batch().id(), made.batch());
      case Event.BatchSigned agreed -> sign(index, agreed);
      case Event.ChainSaw(ChainEvent.Settled settled) -> settle(index, settled);
      case Event.ChainSaw(ChainEvent.Deposited in) ->
          deposited.merge(in.job(), in.amount(), Amount::plus);
      case Event.ChainSaw(ChainEvent.Reclaimed out) ->
          reclaimed.merge(out.job(), out.amount(), Amount::plus);
      case Event other -> {}
    }
  }

  private void sign(long index, Event.BatchSigned agreed) {
    Batch batch = sealed.get(agreed.batch());
    if (batch == null) {
      throw Difference.at(index, "batch " + agreed.batch() + " was signed but never sealed");
    }
    Digest own = BatchEncoding.digest(batch);
    if (!own.equals(agreed.digest())) {
      throw Difference.at(
          index,
          "validators signed batch %d as %s, but what the replayed ledger owes hashes to %s"
              .formatted(agreed.batch(), agreed.digest(), own));
    }
    signed.put(agreed.batch(), agreed.digest());
  }

  private void settle(long index, ChainEvent.Settled settled) {
    Digest agreed = signed.get(settled.batch());
    Batch batch = sealed.get(settled.batch());
    if (batch == null || !settled.digest().equals(agreed)) {
      throw Difference.at(
          index,
          "the chain settled batch %d with digest %s, but this log %s"
              .formatted(
                  settled.batch(),
                  settled.digest(),
                  agreed == null ? "never signed that batch" : "signed it as " + agreed));
    }
    for (Batch.PayLine line : batch.pays()) {
      pays.merge(new Claim(line.job(), line.payee()), line(batch, line.total()), Line::larger);
    }
    for (Batch.CloseLine line : batch.closes()) {
      refunds.computeIfAbsent(line.job(), job -> line(batch, refund(job, line.finalTotal())));
    }
    for (Batch.SlashLine line : batch.slashes()) {
      slashes.merge(line.owner(), line(batch, line.total()), Line::larger);
    }
    for (Batch.CompensationLine line : batch.compensations()) {
      compensations.merge(
          new Grant(line.owner(), line.beneficiary()), line(batch, line.total()), Line::larger);
    }
  }

  private static Line line(Batch batch, Amount total) {
    return new Line(total, batch.id(), batch.logIndex());
  }

  /** What a close gives back: all that was there when it came, but for the final total. */
  private Amount refund(JobId job, Amount finalTotal) {
    Amount there =
        deposited.getOrDefault(job, Amount.ZERO).minus(reclaimed.getOrDefault(job, Amount.ZERO));
    return there.minus(finalTotal.min(there));
  }

  /**
   * Compares with what the contracts did up to the same block.
   *
   * @throws Difference naming every line that differs, up to some
   */
  Compared compare(ChainBooks chain) {
    Comparison comparison = new Comparison(chain.block());
    comparison.plain("deposits of job %s", deposited, chain.deposited());
    comparison.plain("reclaims of job %s", reclaimed, chain.reclaimed());
    comparison.lines("credit of %s", pays, chain.credited(), chain.missing().credits());
    comparison.lines("refund of job %s", refunds, chain.refunded(), Map.of());
    comparison.lines("slash of owner %s", slashes, chain.slashed(), chain.missing().slashes());
    comparison.lines(
        "compensation of %s", compensations, chain.compensated(), chain.missing().compensations());
    comparison.requireNone();
    return new Compared(
        chain.block(),
        comparison.equal,
        sum(chain.deposited()),
        sum(chain.credited()),
        sum(chain.refunded()).plus(sum(chain.reclaimed())),
        sum(chain.slashed()),
        sum(chain.compensated()),
        inFlight());
  }

  /** What the newest batch says beyond what the chain has settled. */
  private List<String> inFlight() {
    List<String> notes = new ArrayList<>();
    if (sealed.isEmpty()) {
      return notes;
    }
    Batch newest = sealed.lastEntry().getValue();
    String how = signed.containsKey(newest.id()) ? "signed" : "waits for signatures";
    for (Batch.PayLine line : newest.pays()) {
      Line settled = pays.get(new Claim(line.job(), line.payee()));
      Amount rest =
          line.total().minus(settled == null ? Amount.ZERO : settled.total().min(line.total()));
      if (!rest.isZero()) {
        notes.add(
            "batch %d %s: %s of job %s to %s is not on the chain yet"
                .formatted(newest.id(), how, rest, line.job(), line.payee()));
      }
    }
    for (Batch.SlashLine line : newest.slashes()) {
      Line settled = slashes.get(line.owner());
      if (settled == null || settled.total().compareTo(line.total()) < 0) {
        notes.add(
            "batch %d %s: the slash of owner %s to %s in all is not on the chain yet"
                .formatted(newest.id(), how, line.owner(), line.total()));
      }
    }
    return notes;
  }

  private static Amount sum(Map<?, Amount> amounts) {
    return amounts.values().stream().reduce(Amount.ZERO, Amount::plus);
  }

  /** Collects what differs. */
  private static final class Comparison {
    private static final int SHOWN = 10;

    private final long block;
    private final List<String> differences = new ArrayList<>();
    private int equal;

    Comparison(long block) {
      this.block = block;
    }

    <K> void plain(String what, Map<K, Amount> log, Map<K, Amount> chain) {
      for (K key : union(log.keySet(), chain.keySet())) {
        Amount said = log.getOrDefault(key, Amount.ZERO);
        note(what.formatted(key), said, "the log says " + said, chain.get(key), Amount.ZERO);
      }
    }

    <K> void lines(String what, Map<K, Line> log, Map<K, Amount> chain, Map<K, Amount> missing) {
      for (K key : union(log.keySet(), chain.keySet())) {
        Line line = log.get(key);
        note(
            what.formatted(key),
            line == null ? Amount.ZERO : line.total(),
            line == null ? "no settled batch has it" : line.source(),
            chain.get(key),
            missing.getOrDefault(key, Amount.ZERO));
      }
    }

    private void note(
        String what, Amount expected, String source, @Nullable Amount onChain, Amount missing) {
      Amount found = onChain == null ? Amount.ZERO : onChain;
      // A line that the job's or owner's money did not cover is short by what the chain said.
      if (found.equals(expected) || found.plus(missing).equals(expected)) {
        equal++;
      } else {
        differences.add(
            "%s: %s, but the contracts moved %s by block %d".formatted(what, source, found, block));
      }
    }

    private static <K> Set<K> union(Set<K> a, Set<K> b) {
      Set<K> both = new TreeSet<>((x, y) -> x.toString().compareTo(y.toString()));
      both.addAll(a);
      both.addAll(b);
      return both;
    }

    void requireNone() {
      if (!differences.isEmpty()) {
        int more = differences.size() - SHOWN;
        throw new Difference(
            String.join("\n", differences.subList(0, Math.min(SHOWN, differences.size())))
                + (more > 0 ? "\nand %d more".formatted(more) : ""));
      }
    }
  }
}
