package io.shardex.protocol.job;

import io.shardex.pricing.Amount;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Amounts as people write them: whole tokens with at most six decimals, such as {@code 5.00}. */
public final class AmountText {
  static final String PATTERN = "[0-9]{1,12}(\\.[0-9]{1,6})?";
  private static final Pattern FORM = Pattern.compile(PATTERN);
  private static final int DECIMALS = 6;

  private AmountText() {}

  /** Reads an amount exactly; throws {@link IllegalArgumentException} for anything else. */
  public static Amount parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "expected an amount such as 5.00, with at most 6 decimals, but it is '" + text + "'");
    }
    return Amount.of(new BigDecimal(text).movePointRight(DECIMALS).longValueExact());
  }
}
