package io.shardex.market;

import io.shardex.market.Rules.Audits;
import io.shardex.market.Rules.Bounds;
import io.shardex.market.Rules.Money;
import io.shardex.market.Rules.Pace;
import io.shardex.pricing.PartsPerMillion;

/** The preset rules with a number or two changed. */
final class Presets {
  private static final Rules LOCAL = Rules.local();
  private static final Rules.Proofs NO_PROOFS =
      new Rules.Proofs(1, new PartsPerMillion(0), 0, 1, 0, 0, 1);
  private static final Rules UNAUDITED =
      withProbation(
          0,
          new Rules(
              LOCAL.pace(),
              new Money(LOCAL.money().fee(), LOCAL.money().workerStake(), new PartsPerMillion(0)),
              LOCAL.bounds(),
              LOCAL.audits(),
              NO_PROOFS));

  private Presets() {}

  /** Nobody is on probation, and a job may do without audits. */
  static Rules unaudited() {
    return UNAUDITED;
  }

  static Rules withProbation(int results) {
    return withProbation(results, LOCAL);
  }

  private static Rules withProbation(int results, Rules rules) {
    Audits a = rules.audits();
    return with(
        rules,
        new Audits(
            a.reveal(),
            a.dispute(),
            results,
            a.draws(),
            a.duties(),
            a.beaconSlots(),
            a.beaconSteps(),
            a.checkpoint()));
  }

  /** A checkpoint each few slots, and chains that may fall behind by a few hashes only. */
  static Rules withCheckpoint(int slots, int beaconSteps) {
    Audits a = LOCAL.audits();
    return with(
        LOCAL,
        new Audits(
            a.reveal(),
            a.dispute(),
            a.probation(),
            a.draws(),
            a.duties(),
            a.beaconSlots(),
            beaconSteps,
            slots));
  }

  static Rules withJobs(int most) {
    Bounds b = LOCAL.bounds();
    return with(
        new Bounds(
            most,
            b.shards(),
            b.rounds(),
            b.leasesPerTask(),
            b.views(),
            b.rangeBlocks(),
            b.chainEvents(),
            b.matches(),
            b.batchLines(),
            b.results()));
  }

  static Rules withBounds(int matches, int batchLines, int rangeBlocks) {
    Bounds b = LOCAL.bounds();
    return with(
        new Bounds(
            b.jobs(),
            b.shards(),
            b.rounds(),
            b.leasesPerTask(),
            b.views(),
            rangeBlocks,
            b.chainEvents(),
            matches,
            batchLines,
            b.results()));
  }

  private static Rules with(Bounds bounds) {
    return new Rules(UNAUDITED.pace(), UNAUDITED.money(), bounds, UNAUDITED.audits(), NO_PROOFS);
  }

  private static Rules with(Rules rules, Audits audits) {
    return new Rules(rules.pace(), rules.money(), rules.bounds(), audits, rules.proofs());
  }

  static Rules withVest(long millis) {
    return with(UNAUDITED, UNAUDITED.pace().factView(), millis, UNAUDITED.pace().keepSettled());
  }

  /** Audits as in the local preset, and pay that vests this long after a job's end. */
  static Rules auditedWithVest(long millis) {
    return with(LOCAL, LOCAL.pace().factView(), millis, LOCAL.pace().keepSettled());
  }

  /** Views, archives and gaps come soon, so that a short simulation sees them. */
  static Rules hasty(long vest) {
    Rules quick = with(LOCAL, 2_000, 3_000, vest, 30_000);
    return challenging(with(quick, new Audits(1_000, 2_000, 1, 2, 2, 2, 64, 40)), 2);
  }

  private static Rules with(Rules rules, long factView, long vest, long keepSettled) {
    return with(rules, rules.pace().gap(), factView, vest, keepSettled);
  }

  private static Rules with(Rules rules, long gap, long factView, long vest, long keepSettled) {
    Pace p = rules.pace();
    return new Rules(
        new Pace(
            p.beat(),
            p.idleBeat(),
            p.epoch(),
            gap,
            p.leaseBase(),
            p.leaseSlack(),
            p.silence(),
            p.cooldown(),
            factView,
            vest,
            p.settleMargin(),
            keepSettled,
            p.commandLife(),
            p.checkpoint()),
        rules.money(),
        rules.bounds(),
        rules.audits(),
        rules.proofs());
  }

  /**
   * Unaudited, and every owner is challenged at every epoch; a worker has a second to answer and
   * another to open.
   */
  static Rules challenging(int live) {
    return challenging(UNAUDITED, live);
  }

  private static Rules challenging(Rules rules, int live) {
    return with(rules, 1, PartsPerMillion.ONE, live);
  }

  /** Only now and then is anybody drawn by chance, of about so many owners in a million. */
  static Rules challengingSeldom(int rate) {
    return with(UNAUDITED, 1_000, rate, 64);
  }

  /** Audited, and everybody is challenged at every epoch. */
  static Rules challengingAndAudited() {
    return challenging(LOCAL, 64);
  }

  /** Hasty, and a third of the owners is drawn at every second epoch. */
  static Rules hastyAndDrawn(int live) {
    return with(hasty(0), 2, 333_333, live);
  }

  private static Rules with(Rules rules, int every, int rate, int live) {
    return new Rules(
        rules.pace(),
        rules.money(),
        rules.bounds(),
        rules.audits(),
        new Rules.Proofs(every, new PartsPerMillion(rate), 40, 25, 64, 1_000, live));
  }
}
