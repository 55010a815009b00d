package io.shardex.worker.lease;

import io.shardex.protocol.client.Backoff;
import io.shardex.worker.link.LinkFailure;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks again while trouble may pass and the lease is held, with growing jittered pauses. */
final class Patience {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

  private final BooleanSupplier over;
  private final Pause pause;

  /**
   * @param over whether there is no use in asking any more
   */
  Patience(BooleanSupplier over, Pause pause) {
    this.over = over;
    this.pause = pause;
  }

  /** How waiting is done. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  /** A call to the network. */
  interface Call<T> {
    T make() throws LeaseFailure, InterruptedException;
  }

  /**
   * The call's answer.
   *
   * @throws LeaseFailure if no try can help
   * @throws InterruptedException if the lease ended meanwhile
   */
  <T> T call(Call<T> call) throws LeaseFailure, InterruptedException {
    Backoff backoff = new Backoff(RandomGenerator.getDefault());
    while (true) {
      try {
        return call.make();
      } catch (LinkFailure e) {
        if (!e.isPassing()) {
          throw new LeaseFailure(String.valueOf(e.getMessage()), e);
        }
        if (over.getAsBoolean()) {
          throw new InterruptedException("the lease is over");
        }
        LOG.debug("asking again: {}", e.getMessage());
        pause.of(backoff.next());
      }
    }
  }
}
