package io.shardex.market.state;

import io.shardex.market.Digest;
import java.util.Optional;

/**
 * A validator's seat in the beacon.
 *
 * @param number of its chain, -1 before the first
 * @param start the slot whose place is the chain's tip; the next slot's place is the first revealed
 * @param slot the latest slot whose place is known
 * @param place that place
 * @param member whether draws wait for it
 * @param next the chain that will act
 */
public record Seat(
    int number, long start, long slot, Digest place, boolean member, Optional<Announced> next) {
  public static final Seat EMPTY = new Seat(-1, -1, -1, Digest.ZERO, false, Optional.empty());

  /** A chain that acts from {@code epoch} on. */
  public record Announced(int number, Digest tip, long epoch) {}

  /** A chain whose tip stands for the slot before {@code slot}, which is open. */
  static Seat begun(int number, Digest tip, long slot) {
    return new Seat(number, slot - 1, slot - 1, tip, true, Optional.empty());
  }

  public boolean hasChain() {
    return number >= 0;
  }

  Seat revealed(long newSlot, Digest newPlace) {
    return new Seat(number, start, newSlot, newPlace, member, next);
  }

  Seat as(boolean nowMember) {
    return new Seat(number, start, slot, place, nowMember, next);
  }

  Seat announcing(Announced chain) {
    return new Seat(number, start, slot, place, member, Optional.of(chain));
  }
}
