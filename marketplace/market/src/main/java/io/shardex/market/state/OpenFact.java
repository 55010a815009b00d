package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.FactValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A question the validators are voting on.
 *
 * @param view the current view, from 0
 * @param votes at most one of each validator in this view, in the order they came
 */
public record OpenFact(int view, long deadlineMillis, List<Vote> votes) {
  public OpenFact {
    votes = List.copyOf(votes);
  }

  /** One validator's value, with its signature where the chain wants it. */
  public record Vote(Address validator, FactValue value, Optional<Batch.Endorsement> endorsement) {}

  public Optional<Vote> voteOf(Address validator) {
    return votes.stream().filter(vote -> vote.validator().equals(validator)).findFirst();
  }

  /** How many votes this value has. */
  public long count(FactValue value) {
    return votes.stream().filter(vote -> vote.value().equals(value)).count();
  }

  OpenFact with(Vote vote) {
    List<Vote> more = new ArrayList<>(votes);
    more.add(vote);
    return new OpenFact(view, deadlineMillis, more);
  }

  OpenFact until(long millis) {
    return new OpenFact(view, millis, votes);
  }
}
