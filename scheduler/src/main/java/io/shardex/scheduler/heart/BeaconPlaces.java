package io.shardex.scheduler.heart;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.HashChain;
import io.shardex.market.state.Seat;
import io.shardex.protocol.key.BeaconChain;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The places this validator reveals. A place leaves the node with the beat of its own slot, which
 * is made only after this node has applied that slot's opening.
 */
final class BeaconPlaces {
  /** A new chain is announced when this much of the old one is used, in percent. */
  private static final int RENEWED = 80;

  private final IntFunction<BeaconChain> chains;
  private final Map<Integer, BeaconChain> made = new HashMap<>();

  BeaconPlaces(IntFunction<BeaconChain> chains) {
    this.chains = chains;
  }

  /**
   * The place of a slot; nothing while the market holds no chain of this validator that reaches it.
   *
   * @param mostSteps slots since the last one revealed that the market will follow back
   */
  Optional<Digest> of(Seat seat, long slot, int mostSteps) {
    long steps = slot - seat.slot();
    if (!seat.hasChain() || steps < 1 || steps > mostSteps) {
      return Optional.empty();
    }
    BeaconChain chain = chain(seat.number());
    long at = slot - seat.start();
    return at <= chain.length()
        ? Optional.of(chain.place(at))
            .filter(place -> HashChain.before(place, steps).equals(seat.place()))
        : Optional.empty();
  }

  /** The chain to announce, if the one that acts is near its end, or out of reach. */
  Optional<Command.NewChain> next(Seat seat, long slot, int mostSteps) {
    if (seat.next().isPresent()) {
      return Optional.empty();
    }
    boolean isUsed =
        !seat.hasChain()
            || slot - seat.slot() > mostSteps
            || (slot - seat.start()) * 100 > (long) chain(seat.number()).length() * RENEWED;
    if (!isUsed) {
      return Optional.empty();
    }
    BeaconChain fresh = chain(seat.number() + 1);
    return Optional.of(new Command.NewChain(fresh.number(), fresh.tip()));
  }

  private BeaconChain chain(int number) {
    made.keySet().removeIf(old -> old < number - 1);
    return made.computeIfAbsent(number, chains::apply);
  }
}
