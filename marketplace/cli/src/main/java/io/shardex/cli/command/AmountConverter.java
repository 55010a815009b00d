package io.shardex.cli.command;

import io.shardex.pricing.Amount;
import io.shardex.protocol.job.AmountText;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads amounts off the command line. */
final class AmountConverter implements ITypeConverter<Amount> {
  AmountConverter() {}

  @Override
  public Amount convert(String text) {
    try {
      Amount amount = AmountText.parse(text);
      if (amount.isZero()) {
        throw new TypeConversionException("expected an amount above zero, but it is " + text);
      }
      return amount;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
