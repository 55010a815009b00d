package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Rejection.Reason;
import org.junit.jupiter.api.Test;

class NonceTest {
  private final TestMarket market = TestMarket.open();
  private final Address key = market.workers(1).get(0).key();

  private Outcome alive(long nonce) {
    return market.apply(
        market.envelope(new Command.Alive(), nonce, market.expiry()), Author.of(key));
  }

  @Test
  void aRetryOfTheSameSignedCommandIsRefusedAndHarmless() {
    TestJob job = market.job("j").open();
    Envelope cancel = market.envelope(Parties.builder(0), new Command.CancelJob(job.id()));
    TestMarket.accepted(market.apply(cancel, Author.of(Parties.builder(0))));
    TestMarket.refused(Reason.NONCE_USED, market.apply(cancel, Author.of(Parties.builder(0))));
  }

  @Test
  void aRefusedCommandUsesNoNonce() {
    Envelope early = market.envelope(key, new Command.WithdrawAsk());
    TestMarket.refused(Reason.NO_ASK, market.apply(early, Author.of(key)));
    market.accept(key, new Command.PlaceAsk(io.shardex.pricing.UnitPrice.ZERO));
    TestMarket.accepted(market.apply(early, Author.of(key)));
  }

  @Test
  void noncesMayComeInAnyOrderWithinAWindowOf64() {
    TestMarket.accepted(alive(1_000));
    for (long nonce = 937; nonce < 1_000; nonce++) {
      TestMarket.accepted(alive(nonce));
      TestMarket.refused(Reason.NONCE_USED, alive(nonce));
    }
    TestMarket.refused(Reason.NONCE_USED, alive(936));
    TestMarket.refused(Reason.NONCE_USED, alive(1_000));
    TestMarket.accepted(alive(1_001));
  }

  @Test
  void theLargestNonceIsTheLast() {
    TestMarket.accepted(alive(Long.MAX_VALUE));
    TestMarket.refused(Reason.NONCE_USED, alive(Long.MAX_VALUE));
    TestMarket.refused(Reason.NONCE_USED, alive(1));
  }

  @Test
  void noncesOfOneSignerSayNothingOfAnothers() {
    TestMarket.accepted(alive(50));
    assertTrue(
        market.apply(
                    market.envelope(new Command.Alive(), 50, market.expiry()),
                    Author.of(Parties.validator(0)))
                instanceof Outcome.Rejected no
            && no.rejection().reason() == Reason.UNKNOWN_WORKER);
  }

  @Test
  void noncesStartAtOne() {
    TestMarket.refused(Reason.MALFORMED, alive(0));
    TestMarket.refused(Reason.MALFORMED, alive(Long.MIN_VALUE));
  }
}
