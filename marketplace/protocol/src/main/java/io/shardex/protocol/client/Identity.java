package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.Signature;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;

/** Who a client is to the nodes: a key, and the network whose challenges it signs. */
public record Identity(SigningKey key, TypedData typedData) {
  public static Identity of(SigningKey key, Network network) {
    return new Identity(key, TypedData.of(network));
  }

  public Address address() {
    return key.address();
  }

  Signature signLogin(Digest challenge, long expiryMillis) {
    return key.sign(typedData.login(challenge, address(), expiryMillis));
  }
}
