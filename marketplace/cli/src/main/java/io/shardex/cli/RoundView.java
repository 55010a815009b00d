package io.shardex.cli;

import io.shardex.market.Digest;
import io.shardex.pricing.UnitPrice;
import java.util.Optional;

/**
 * A closed round.
 *
 * @param model blob id of the model it came to
 * @param loss mean training loss of its shards
 * @param shards whose result was verified
 * @param price of its last lease; absent when its events were missed
 * @param score what the model is worth on the builder's own test data
 */
public record RoundView(
    int round, Digest model, double loss, int shards, Optional<UnitPrice> price, Score score) {
  /** How a model does on data it was not trained on. */
  public sealed interface Score {
    /** The model is on its way or under test. */
    record Pending() implements Score {}

    /**
     * The model answered.
     *
     * @param accuracy share of right answers, 0 to 1; of a text's, each byte is one
     * @param loss mean cross-entropy of an answer, in nats
     */
    record Tested(double accuracy, double loss) implements Score {}

    /** There is no test data, or the model could not be had. */
    record Unknown(String why) implements Score {}
  }

  RoundView with(Score found) {
    return new RoundView(round, model, loss, shards, price, found);
  }
}
