package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import java.time.Instant;

/**
 * What must stay the same when a submission is taken up again: the job's id and its terms follow
 * from it and the job file.
 *
 * @param submitted when it was first tried; a relative deadline counts from here
 * @param nonce the builder's number of the job
 * @param refundAt seconds since 1970 from which the builder may take back what is left
 * @param paying whether the deposit may have been sent
 */
record Submission(Instant submitted, long nonce, long refundAt, boolean paying) {
  Submission begunPaying() {
    return new Submission(submitted, nonce, refundAt, true);
  }

  JobId id(Network network, Address builder, Digest spec) {
    return JobId.of(network.chainId(), network.escrow(), builder, nonce, spec, refundAt);
  }
}
