package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Task;
import io.shardex.pricing.Amount;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.attest.TinyJob;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One validator attests what is false, of every kind: nothing follows from it. */
class FalseFactTest {
  private static final Digest LIE = Digest.sha256(new byte[] {66});

  private final TwoNodes nodes = new TwoNodes();
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), nodes::now);
  private final TinyJob tiny = new TinyJob(nodes, grid);
  private final JobTerms terms = tiny.terms();

  FalseFactTest() throws JobRefused {}

  @Test
  void aFalseChainRange() {
    nodes.asksOfTheChain();
    Fact.ChainRange fact = open(Fact.ChainRange.class);
    ChainEvent deposit =
        new ChainEvent.Deposited(
            new JobId(LIE), nodes.validator(0), 1, LIE, 1, Amount.of(1_000_000));
    assertNothingFollows(fact, new FactValue.ChainPage(fact.to(), 0, List.of(deposit)));
  }

  @Test
  void falseJobTerms() {
    JobId job = nodes.submitted(tiny.spec, terms);
    assertNothingFollows(new Fact.TermsOf(job), new FactValue.TermsHold(LIE));
  }

  @Test
  void aFalseRefusalOfJobTerms() {
    JobId job = nodes.submitted(tiny.spec, terms);
    assertNothingFollows(new Fact.TermsOf(job), new FactValue.TermsRefused("as the liar says"));
  }

  @Test
  void aFalseRoundModel() {
    aRoundIsCommitted();
    nodes.proves();
    assertNothingFollows(open(Fact.RoundModel.class), new FactValue.Averaged(LIE, 0));
  }

  @Test
  void aFalseFlawOfAResult() {
    Task task = aRoundIsCommitted();
    nodes.proves();
    assertNothingFollows(
        new Fact.ResultUnusable(task.id(), task.fence()), new FactValue.Unusable(Flaw.MISSING));
  }

  @Test
  void aFalseExecution() {
    aRoundIsCommitted();
    Fact.Dispute fact = nodes.draws().getFirst();
    assertNothingFollows(fact, new FactValue.Executed(LIE, LIE, Optional.empty()));
  }

  @Test
  void aFalseBatch() {
    JobId job = nodes.funded(tiny.spec, terms, LIE);
    nodes.cancels(job);
    nodes.beat();
    assertNothingFollows(open(Fact.BatchOf.class), new FactValue.BatchHash(LIE));
  }

  @Test
  void aFalseCheckpoint() {
    while (nodes.openFacts(Fact.Checkpoint.class).isEmpty()) {
      nodes.beat();
    }
    assertNothingFollows(open(Fact.Checkpoint.class), new FactValue.StateDigest(LIE));
  }

  /** The lie is counted as one vote, however often it is told. */
  private void assertNothingFollows(Fact fact, FactValue lie) {
    List<Event> first = nodes.says(0, fact, lie);
    List<Event> again = nodes.says(0, fact, lie);

    assertTrue(first.stream().noneMatch(FalseFactTest::settles), first::toString);
    assertTrue(again.stream().allMatch(event -> event instanceof Event.NonceUsed), again::toString);
    OpenFact open =
        nodes.first.read(state -> Objects.requireNonNull(state.facts().get(fact), fact::toString));
    assertEquals(1, open.count(lie));
  }

  private static boolean settles(Event event) {
    return !(event instanceof Event.NonceUsed
        || event instanceof Event.Attested
        || event instanceof Event.FactOpened);
  }

  private Task aRoundIsCommitted() {
    JobId unused = nodes.funded(tiny.spec, terms, LIE);
    Task unusedOther = nodes.committed("one", Digest.sha256(new byte[] {1}));
    return nodes.committed("other", Digest.sha256(new byte[] {2}));
  }

  private <F extends Fact> F open(Class<F> kind) {
    return nodes.openFacts(kind).getFirst();
  }
}
