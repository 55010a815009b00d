package io.shardex.ops.prometheus;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The alert rules with shorter patience, so that a test need not wait minutes: each {@code for},
 * and each bound that an age is compared with, is multiplied by a factor. Ranges of rates stay, as
 * they need their samples.
 */
final class ScaledRules {
  private static final Pattern FOR = Pattern.compile("(?m)^(\\s*for: )(\\d+)([sm])$");
  private static final Pattern AGE = Pattern.compile("(_age_seconds[^<>\\n]*> )(\\d+)");

  private ScaledRules() {}

  /** The rules' file with its patience multiplied; no time becomes shorter than a second. */
  static String of(String rules, double factor) {
    String patient = FOR.matcher(rules).replaceAll(match -> scaledFor(match, factor));
    return AGE.matcher(patient)
        .replaceAll(match -> match.group(1) + seconds(Long.parseLong(match.group(2)), factor));
  }

  private static String scaledFor(MatchResult match, double factor) {
    long unit = match.group(3).equals("m") ? 60 : 1;
    return match.group(1) + seconds(Long.parseLong(match.group(2)) * unit, factor) + "s";
  }

  private static long seconds(long seconds, double factor) {
    return Math.max(1, Math.round(seconds * factor));
  }
}
