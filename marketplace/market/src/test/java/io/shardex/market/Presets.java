package io.shardex.market;

import io.shardex.market.Rules.Bounds;
import io.shardex.market.Rules.Pace;

/** The preset rules with one number changed. */
final class Presets {
  private static final Rules LOCAL = Rules.local();

  private Presets() {}

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
            b.batchLines()));
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
            batchLines));
  }

  private static Rules with(Bounds bounds) {
    return new Rules(LOCAL.pace(), LOCAL.money(), bounds);
  }

  static Rules withVest(long millis) {
    return with(LOCAL.pace().factView(), millis, LOCAL.pace().keepSettled());
  }

  /** Views and archives come soon, so that a short simulation sees them. */
  static Rules hasty() {
    return with(3_000, 0, 30_000);
  }

  private static Rules with(long factView, long vest, long keepSettled) {
    Pace p = LOCAL.pace();
    return new Rules(
        new Pace(
            p.beat(),
            p.idleBeat(),
            p.epoch(),
            p.gap(),
            p.leaseBase(),
            p.leaseSlack(),
            p.silence(),
            p.cooldown(),
            factView,
            vest,
            p.settleMargin(),
            keepSettled,
            p.commandLife()),
        LOCAL.money(),
        LOCAL.bounds());
  }
}
