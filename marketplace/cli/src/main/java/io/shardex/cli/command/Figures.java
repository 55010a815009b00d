package io.shardex.cli.command;

import io.shardex.market.Ending;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers, times and ids as people read them, and base units as programs do. */
final class Figures {
  /** What is said of a job whose results cannot be proven. */
  static final String UNPROVEN =
      "none: the results are NOT PROVEN; they are neither audited nor executed again";

  private static final int WEI_DECIMALS = 18;

  private Figures() {}

  /** A slot for an hour, in tokens with four decimals. */
  static String hourly(UnitPrice price, WorkUnits workPerHour) {
    return BigDecimal.valueOf(price.perHour(workPerHour).units(), 6)
        .setScale(4, RoundingMode.HALF_UP)
        .toPlainString();
  }

  /**
   * What a shard of a builder's own model is paid by: work as its job file declares it, and the
   * time that the class's rate gives it.
   */
  static String declared(JobTerms terms, WorkUnits workPerHour) {
    double seconds = 3_600.0 * terms.shardWork().count() / workPerHour.count();
    return String.format(
        Locale.ROOT,
        "by declared work: %,d WU a shard, %.1f a step; %.1f s a shard at the class's rate",
        terms.shardWork().count(),
        (double) terms.shardWork().count() / terms.shardSteps(),
        seconds);
  }

  /** A round's mean training loss; a command's round has none, and the market says 0. */
  static String loss(double loss) {
    return loss == 0 ? "no loss" : String.format(Locale.ROOT, "loss %.4f", loss);
  }

  /** Base units, as programs get them. */
  static String units(Amount amount) {
    return Long.toString(amount.units());
  }

  static String units(UnitPrice price) {
    return Long.toString(price.perTeraWork());
  }

  /** To the second. */
  static String time(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Such as {@code 1h2m3s}. */
  static String span(long millis) {
    Duration span = Duration.ofMillis(millis).truncatedTo(ChronoUnit.SECONDS);
    return span.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  /** Gas money in whole coins with four decimals, rounded down. */
  static String coins(java.math.BigInteger wei) {
    return new BigDecimal(wei, WEI_DECIMALS).setScale(4, RoundingMode.DOWN).toPlainString();
  }

  /** What {@code job list} shows of an id. */
  static String brief(JobId id) {
    return id.brief();
  }

  static String ending(Ending why) {
    return "%s (fault: %s): %s".formatted(why.cause(), why.cause().fault(), why.detail());
  }

  /** A clause as a sentence begins. */
  static String sentence(String clause) {
    return clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1);
  }
}
