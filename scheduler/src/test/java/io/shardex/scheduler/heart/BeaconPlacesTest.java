package io.shardex.scheduler.heart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.HashChain;
import io.shardex.market.state.Seat;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BeaconPlacesTest {
  private static final int MOST_STEPS = 100;
  private static final long START = 1_000;

  private final BeaconChain first = chain(0);
  private final BeaconChain second = chain(1);
  private final BeaconPlaces places =
      new BeaconPlaces(number -> number == 0 ? first : number == 1 ? second : chain(number));

  @Test
  void thePlaceOfASlotHashesToTheSeats() {
    Seat seat = seat(10);
    for (int steps = 1; steps <= MOST_STEPS; steps += 33) {
      Digest place = places.of(seat, START + 10 + steps, MOST_STEPS).orElseThrow();
      assertEquals(first.place(10 + steps), place);
      assertEquals(seat.place(), HashChain.before(place, steps));
    }
  }

  @Test
  void noPlaceIsToldOfASlotThatIsKnownOrTooFarOff() {
    Seat seat = seat(10);
    assertEquals(Optional.empty(), places.of(seat, START + 9, MOST_STEPS));
    assertEquals(Optional.empty(), places.of(seat, START + 10, MOST_STEPS));
    assertEquals(Optional.empty(), places.of(seat, START + 10 + MOST_STEPS + 1, MOST_STEPS));
  }

  @Test
  void noPlaceIsToldBeyondTheChainsEnd() {
    Seat seat = seat(first.length() - 1);
    assertEquals(
        Optional.of(first.place(first.length())),
        places.of(seat, START + first.length(), MOST_STEPS));
    assertEquals(Optional.empty(), places.of(seat, START + first.length() + 1, MOST_STEPS));
  }

  @Test
  void noPlaceIsToldWithoutAChainOrOfAnotherChainThanTheSeats() {
    Seat anothers = new Seat(0, START, START + 10, second.place(10), true, Optional.empty());
    assertEquals(Optional.empty(), places.of(Seat.EMPTY, 1, MOST_STEPS));
    assertEquals(Optional.empty(), places.of(anothers, START + 11, MOST_STEPS));
  }

  @Test
  void aValidatorWithoutAChainAnnouncesItsFirst() {
    assertEquals(
        Optional.of(new Command.NewChain(0, first.tip())), places.next(Seat.EMPTY, 7, MOST_STEPS));
  }

  @Test
  void theNextChainIsAnnouncedWhenFourFifthsOfTheOldOneAreUsed() {
    int used = first.length() / 5 * 4;
    assertEquals(Optional.empty(), places.next(seat(used), START + used, MOST_STEPS));
    assertEquals(
        Optional.of(new Command.NewChain(1, second.tip())),
        places.next(seat(used + 1), START + used + 2, MOST_STEPS));
  }

  @Test
  void theNextChainIsAnnouncedWhenTheOldOneIsOutOfReach() {
    Seat seat = seat(10);
    assertEquals(Optional.empty(), places.next(seat, START + 10 + MOST_STEPS, MOST_STEPS));
    assertEquals(
        Optional.of(new Command.NewChain(1, second.tip())),
        places.next(seat, START + 10 + MOST_STEPS + 1, MOST_STEPS));
  }

  @Test
  void nothingIsAnnouncedWhileAChainWaits() {
    Optional<Seat.Announced> waiting = Optional.of(new Seat.Announced(1, second.tip(), 9));
    Seat outOfReach = new Seat(0, START, START + 10, first.place(10), true, waiting);
    Seat without = new Seat(-1, -1, -1, Digest.ZERO, false, waiting);
    assertEquals(Optional.empty(), places.next(outOfReach, START + 60_000, MOST_STEPS));
    assertEquals(Optional.empty(), places.next(without, 7, MOST_STEPS));
  }

  /** The first chain, of which this many places are revealed. */
  private Seat seat(int revealed) {
    return new Seat(0, START, START + revealed, first.place(revealed), true, Optional.empty());
  }

  private static BeaconChain chain(int number) {
    return BeaconChain.of(
        SigningKey.fromSeed(1, "validator"), new NetworkId(31_337, new Address(1, 2, 3)), number);
  }
}
