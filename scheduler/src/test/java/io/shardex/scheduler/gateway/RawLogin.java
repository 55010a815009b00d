package io.shardex.scheduler.gateway;

import com.google.protobuf.ByteString;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.wire.ChallengeReply;
import io.shardex.protocol.wire.ChallengeRequest;
import io.shardex.protocol.wire.LoginRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.WireValues;

/** A login by hand, for tests that speak gRPC themselves. */
final class RawLogin {
  private RawLogin() {}

  static String token(TestDoor door, Gateway gateway, SigningKey key) {
    MarketGrpc.MarketBlockingStub stub = MarketGrpc.newBlockingStub(door.channel(gateway));
    ChallengeReply challenge = stub.challenge(ChallengeRequest.getDefaultInstance());
    return stub.login(request(door, key, key, challenge)).getToken();
  }

  /** The login of a key that someone signs. */
  static LoginRequest request(
      TestDoor door, SigningKey claimed, SigningKey signer, ChallengeReply challenge) {
    return LoginRequest.newBuilder()
        .setChallenge(challenge.getChallenge())
        .setKey(WireValues.bytes(claimed.address()))
        .setSignature(
            ByteString.copyFrom(
                signer
                    .sign(
                        TypedData.of(door.market.network)
                            .login(
                                WireValues.digest(challenge.getChallenge()),
                                claimed.address(),
                                challenge.getExpiryMillis()))
                    .bytes()))
        .build();
  }
}
