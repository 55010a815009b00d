package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.math.BigInteger;

/** Between the chain's unsigned numbers and the market's types. */
final class Units {
  private Units() {}

  /** Throws {@link ChainFailure.AmountTooLarge}, which names {@code what}, above 2^63-1. */
  static Amount amount(BigInteger units, String what) {
    if (units.bitLength() >= Long.SIZE) {
      throw new ChainFailure.AmountTooLarge(what, units.toString());
    }
    return Amount.of(units.longValue());
  }

  static BigInteger units(Amount amount) {
    return BigInteger.valueOf(amount.units());
  }

  /** A uint64 of the chain as the long with the same 64 bits. */
  static long bits(BigInteger number) {
    return number.longValue();
  }

  /** The uint64 with the same 64 bits. */
  static BigInteger unsigned(long bits) {
    return new BigInteger(Long.toUnsignedString(bits));
  }

  static JobId job(byte[] id) {
    return new JobId(Digest.of(id));
  }

  static Address address(String hex) {
    return Address.parse(hex);
  }
}
