package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.SigningKey;
import io.shardex.scheduler.events.JobsOf;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over the events of a job whose result is audited, disputed and refuted. */
class JobsOfTest {
  private static final Digest RESULT = Digest.sha256(new byte[] {4});

  private final LocalMarket market = new LocalMarket(1_000);

  @AfterEach
  void close() {
    market.close();
  }

  @Test
  void whoeverFollowsAJobHearsOfAllThatNamesItAndOfNothingElse() {
    SigningKey worker = market.worker("w");
    SigningKey auditor = market.worker("a", SigningKey.fromSeed(1, "another owner"));
    market.asks(worker);
    JobId job =
        market.job(
            Digest.sha256(new byte[] {1}),
            Digest.sha256(new byte[] {2}),
            Digest.sha256(new byte[] {3}),
            1);
    market.say(worker, new Command.WithdrawAsk());
    market.asks(auditor);
    market.seals(worker, RESULT);
    TaskId audit = market.draws(auditor);
    long fence = market.read(state -> state.task(audit).orElseThrow().fence());
    Digest other = Digest.sha256(new byte[] {5});
    market.seals(auditor, other);
    market.reveals(worker, audit.training(), audit.audited(), RESULT);
    market.reveals(auditor, audit, fence, other);
    for (int slot = 0; slot < 5; slot++) {
      market.sync();
    }

    for (Event event : market.happened) {
      if (!isOfTheChain(event)) {
        assertEquals(
            event.toString().contains(job.brief()), JobsOf.touches(event, job), event::toString);
      }
    }
    Set<Class<?>> heard =
        market.happened.stream()
            .filter(event -> JobsOf.touches(event, job))
            .map(Event::getClass)
            .collect(Collectors.toSet());
    assertTrue(
        heard.containsAll(
            Set.of(
                Event.AuditDrawn.class,
                Event.AuditSealed.class,
                Event.Revealed.class,
                Event.DisputeOpened.class,
                Event.DisputeSettled.class,
                Event.LieProved.class,
                Event.ResultRefuted.class)),
        heard::toString);
  }

  /** A page of the chain names whatever is on it; each thing is told by an event of its own. */
  private static boolean isOfTheChain(Event event) {
    return switch (event) {
      case Event.Attested attested -> attested.fact() instanceof Fact.ChainRange;
      case Event.FactSettled settled -> settled.fact() instanceof Fact.ChainRange;
      default -> false;
    };
  }
}
