package io.shardex.worker.device;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the figures of drivers' programs, such as {@code 67.03 W}, {@code (300Mhz)}, {@code N/A}.
 */
final class Figures {
  private static final Pattern FIGURE =
      Pattern.compile("\\(?(-?\\d{1,15}(?:\\.\\d{1,6})?)(?![\\dx.]).*");

  /** Words in a figure's place that mean more than that there is none. */
  private static final Pattern BAD =
      Pattern.compile(".*(is lost|requires reset|unknown error|err!).*");

  private Figures() {}

  /** The whole part; empty if the text does not begin with a figure. */
  static OptionalLong whole(String text) {
    Matcher figure = FIGURE.matcher(text.strip());
    return figure.matches()
        ? OptionalLong.of(
            new BigDecimal(figure.group(1)).setScale(0, RoundingMode.FLOOR).longValueExact())
        : OptionalLong.empty();
  }

  /** The whole part; empty if there is no figure or it is none of an int. */
  static OptionalInt small(String text) {
    return small(whole(text));
  }

  /** The same figure; empty if there is none or it is none of an int. */
  static OptionalInt small(OptionalLong whole) {
    return whole.isPresent() && whole.getAsLong() == (int) whole.getAsLong()
        ? OptionalInt.of((int) whole.getAsLong())
        : OptionalInt.empty();
  }

  /** Seconds with a fraction, as the kernel writes them, rounded down to milliseconds. */
  static Duration seconds(String text) {
    return Duration.ofMillis(
        new BigDecimal(text).movePointRight(3).setScale(0, RoundingMode.FLOOR).longValueExact());
  }

  /** Whether the text stands where a figure should, because the GPU does not answer. */
  static boolean isBad(String text) {
    return BAD.matcher(text.toLowerCase(Locale.ROOT)).matches();
  }
}
