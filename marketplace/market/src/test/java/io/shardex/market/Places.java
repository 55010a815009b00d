package io.shardex.market;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The hash chains of the tests' validators, each made once. */
final class Places {
  private static final int LENGTH = 1 << 13;
  private static final ConcurrentHashMap<Chain, Digest[]> MADE = new ConcurrentHashMap<>();

  private record Chain(Address validator, int number) {}

  private Places() {}

  /** The tip of a validator's chain, which it announces. */
  static Digest tip(Address validator, int number) {
    return HashChain.before(chain(validator, number)[0]);
  }

  /** The place that is revealed {@code steps} slots after the tip's; none beyond the chain. */
  static Optional<Digest> place(Address validator, int number, long steps) {
    return steps >= 1 && steps <= LENGTH
        ? Optional.of(chain(validator, number)[(int) steps - 1])
        : Optional.empty();
  }

  private static Digest[] chain(Address validator, int number) {
    return MADE.computeIfAbsent(new Chain(validator, number), Places::make);
  }

  private static Digest[] make(Chain chain) {
    Digest[] places = new Digest[LENGTH];
    byte[] number = ByteBuffer.allocate(Integer.BYTES).putInt(chain.number()).array();
    places[LENGTH - 1] = Digest.sha256(chain.validator().bytes(), number);
    for (int i = LENGTH - 2; i >= 0; i--) {
      places[i] = HashChain.before(places[i + 1]);
    }
    return places;
  }
}
