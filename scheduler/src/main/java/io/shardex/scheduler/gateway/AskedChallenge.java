package io.shardex.scheduler.gateway;

import com.google.protobuf.ByteString;
import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.MarketState;
import io.shardex.protocol.wire.ChallengeAsked;
import io.shardex.protocol.wire.WireValues;
import java.util.Optional;

/**
 * A challenge that a worker is to answer, or to open where the draw says. It is asked for until it
 * is judged: a worker that was restarted may have to put its opening again.
 */
record AskedChallenge(Challenge challenge, long deadlineMillis, Optional<Digest> draw) {
  static Optional<AskedChallenge> of(MarketState state, Address worker) {
    return state
        .challenge(worker)
        .filter(live -> live.awaitsAnswer() || live.draw().isPresent())
        .map(AskedChallenge::of);
  }

  private static AskedChallenge of(LiveChallenge live) {
    return new AskedChallenge(live.challenge(), live.deadlineMillis(), live.draw());
  }

  ChallengeAsked message() {
    return ChallengeAsked.newBuilder()
        .setChallenge(WireValues.bytes(ValueCodecs.CHALLENGE, challenge))
        .setDeadlineMillis(deadlineMillis)
        .setDraw(draw.map(WireValues::bytes).orElse(ByteString.EMPTY))
        .build();
  }
}
