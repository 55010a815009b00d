package io.shardex.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.Stamp;
import io.shardex.market.codec.MalformedBytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WireOutcomeTest {
  private static final Stamp AT = new Stamp(7, 3);

  @Test
  void eventsComeBackInOrder() {
    Outcome outcome =
        new Outcome.Accepted(
            List.of(new Event.NonceUsed(Address.ZERO, 1), new Event.SlotOpened(2, 3)));
    SubmitReply reply = WireOutcome.of(AT, outcome);
    assertEquals(outcome, WireOutcome.outcome(reply));
    assertEquals(7, reply.getAccepted().getIndex());
    assertEquals(3, reply.getAccepted().getOffset());
  }

  @ParameterizedTest
  @EnumSource
  void everyReasonComesBack(Rejection.Reason reason) {
    Outcome outcome = new Outcome.Rejected(new Rejection(reason, "expected this, found that"));
    assertEquals(outcome, WireOutcome.outcome(WireOutcome.of(AT, outcome)));
  }

  @Test
  void aReasonOfANewerNetworkIsNotTakenForAnother() {
    SubmitReply reply =
        SubmitReply.newBuilder().setRejected(Rejected.newBuilder().setReason("NEW_REASON")).build();
    assertThrows(MalformedBytes.class, () -> WireOutcome.outcome(reply));
  }

  @Test
  void anEmptyReplyIsNoOutcome() {
    assertThrows(MalformedBytes.class, () -> WireOutcome.outcome(SubmitReply.getDefaultInstance()));
  }
}
