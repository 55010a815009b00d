package io.shardex.protocol.wire;

import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.Stamp;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.MalformedBytes;

/** What a command came to, as {@link SubmitReply} and back. */
public final class WireOutcome {
  private static final int MAX_TEXT = 1_024;

  private WireOutcome() {}

  /**
   * @param at where the command stands in the log; not told for a rejection
   */
  public static SubmitReply of(Stamp at, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Accepted accepted ->
          SubmitReply.newBuilder()
              .setAccepted(
                  Accepted.newBuilder()
                      .setIndex(at.index())
                      .setOffset(at.offset())
                      .addAllEvents(WireValues.bytes(EventCodecs.EVENT, accepted.events())))
              .build();
      case Outcome.Rejected rejected -> of(rejected.rejection());
    };
  }

  public static SubmitReply of(Rejection rejection) {
    return SubmitReply.newBuilder()
        .setRejected(
            Rejected.newBuilder()
                .setReason(rejection.reason().name())
                .setFault(rejection.reason().fault().name())
                .setDetail(clipped(rejection.detail()))
                .setNextStep(rejection.reason().nextStep()))
        .build();
  }

  /**
   * @throws MalformedBytes if the reply has no outcome, an event is malformed, or the reason is of
   *     a newer network than this software: that must not be taken for another reason
   */
  public static Outcome outcome(SubmitReply reply) {
    return switch (reply.getOutcomeCase()) {
      case ACCEPTED ->
          new Outcome.Accepted(
              WireValues.values(EventCodecs.EVENT, reply.getAccepted().getEventsList()));
      case REJECTED -> new Outcome.Rejected(rejection(reply.getRejected()));
      case OUTCOME_NOT_SET -> throw new MalformedBytes("the reply to a command has no outcome");
    };
  }

  private static Rejection rejection(Rejected rejected) {
    try {
      return new Rejection(
          Rejection.Reason.valueOf(rejected.getReason()), clipped(rejected.getDetail()));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytes(
          "the node rejected the command for %s (%s), which this version does not know; next: %s"
              .formatted(
                  clipped(rejected.getReason()),
                  clipped(rejected.getDetail()),
                  clipped(rejected.getNextStep())));
    }
  }

  private static String clipped(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
