package io.shardex.settlement;

import io.shardex.market.Address;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a transaction is to do.
 *
 * @param what for messages
 * @param to the contract; empty to create one
 * @param data its input, 0x and hex digits
 * @param gas most gas it may use; empty to have it estimated, which works only for calls that need
 *     no earlier one that is still on its way
 */
record Call(String what, Optional<Address> to, String data, OptionalLong gas) {
  static Call to(Address contract, String what, String data) {
    return new Call(what, Optional.of(contract), data, OptionalLong.empty());
  }

  static Call creation(String what, String data, long gas) {
    return new Call(what, Optional.empty(), data, OptionalLong.of(gas));
  }

  Call withGas(long gas) {
    return new Call(what, to, data, OptionalLong.of(gas));
  }

  String target() {
    return to.map(Address::toString).orElse("");
  }
}
