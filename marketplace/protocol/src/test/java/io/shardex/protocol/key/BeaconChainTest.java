package io.shardex.protocol.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.market.HashChain;
import io.shardex.protocol.network.NetworkId;
import org.junit.jupiter.api.Test;

class BeaconChainTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "validator");
  private static final NetworkId NETWORK = new NetworkId(31_337, new Address(7, 0, 3));

  @Test
  void eachPlaceHashesToTheOneBeforeIt() {
    BeaconChain chain = BeaconChain.of(KEY, NETWORK, 0, 512);

    for (int at = 1; at <= chain.length(); at++) {
      assertEquals(chain.place(at - 1), HashChain.before(chain.place(at)));
    }
    assertEquals(chain.tip(), HashChain.before(chain.place(300), 300));
  }

  @Test
  void aKeyHasOneChainForEachNetworkAndNumber() {
    BeaconChain chain = BeaconChain.of(KEY, NETWORK, 0, 256);

    assertEquals(chain.tip(), BeaconChain.of(KEY, NETWORK, 0, 256).tip());
    assertNotEquals(chain.tip(), BeaconChain.of(KEY, NETWORK, 1, 256).tip());
    assertNotEquals(
        chain.tip(), BeaconChain.of(KEY, new NetworkId(1, NETWORK.settlement()), 0, 256).tip());
    assertNotEquals(
        chain.tip(), BeaconChain.of(SigningKey.fromSeed(2, "validator"), NETWORK, 0, 256).tip());
  }

  @Test
  void aPlaceBeyondTheChainIsRefused() {
    BeaconChain chain = BeaconChain.of(KEY, NETWORK, 0, 256);

    assertThrows(IllegalArgumentException.class, () -> chain.place(257));
    assertThrows(IllegalArgumentException.class, () -> chain.place(-1));
    assertThrows(IllegalArgumentException.class, () -> BeaconChain.of(KEY, NETWORK, 0, 300));
  }
}
