package io.shardex.market.decide;

import io.shardex.market.Command;
import io.shardex.market.Event;
import io.shardex.market.Network;
import io.shardex.market.Rejection.Reason;
import java.util.Optional;

/** The first entry. */
final class NetworkDecisions {
  private NetworkDecisions() {}

  static void begin(Step step, Command.Genesis genesis) {
    Optional<Network> born =
        step.state().isBorn() ? Optional.of(step.state().network()) : Optional.empty();
    if (born.isEmpty()) {
      step.emit(new Event.NetworkBorn(genesis.network()));
      return;
    }
    Refusal.unless(
        born.get().equals(genesis.network()),
        Reason.ALREADY_BORN,
        "this log belongs to the network of settlement contract " + born.get().settlement());
  }
}
