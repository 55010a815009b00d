package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicatedMachine.Origin;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.StillActors;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.replica.LogWriter;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.ThreeNodes;
import io.shardex.scheduler.replica.ValidatorVoice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a validator says whose state or log came from a leader that may lie. */
class UnprovenAttestorTest {
  private static final long AGAIN = 500;

  private final StillActors actors = new StillActors();
  private final ThreeNodes nodes = new ThreeNodes();
  private final MarketReplica node = nodes.replica();
  private final List<Command> said = new ArrayList<>();
  private int forks;

  @AfterEach
  void close() {
    actors.close();
  }

  @Test
  void aNodeThatWasGivenATrueSnapshotSaysNothingUntilItIsProven() throws IOException {
    nodes.slot();
    restore(nodes.honest);
    ActorRef<Attestor.Message> attestor = attestor();
    Fact.Checkpoint first = nodes.asksForCheckpoint();
    tellsOf(attestor);
    assertEquals(List.of(), said);

    nodes.signs(first);
    tellsOf(attestor);
    assertTrue(node.isProven());
    Fact.Checkpoint second = nodes.asksForCheckpoint();
    tellsOf(attestor);

    FactValue own = new FactValue.StateDigest(node.checkpointAt(second.index()).orElseThrow());
    assertEquals(List.of(new Command.Attest(second, 0, own)), said);
    assertEquals(0, forks);
  }

  @Test
  void aNodeThatWasGivenAForgedSnapshotAttestsNothing() throws IOException {
    nodes.slot();
    MarketReplica forged = nodes.replica();
    nodes.feed(forged);
    nodes.feedInstead(forged, nodes.beat(0, 1));
    nodes.write(nodes.beat(0, 2));
    restore(forged);
    ActorRef<Attestor.Message> attestor = attestor();
    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    tellsOf(attestor);

    nodes.signs(asked);
    tellsOf(attestor);
    Fact.Checkpoint unused = nodes.asksForCheckpoint();
    tellsOf(attestor);

    assertEquals(List.of(), said);
    assertEquals(1, forks);
  }

  @Test
  void aNodeWhoseLogALeaderForgedAttestsNoMoreOnceAFellowsBeatShowsIt() {
    nodes.slot();
    nodes.feed(node);
    ActorRef<Attestor.Message> attestor = attestor();
    nodes.feedInstead(node, nodes.beat(0, 1));
    nodes.write(nodes.beat(0, 2));
    Envelope fellow = nodes.beat(1, 0); // it holds the true log, and says so
    nodes.write(fellow);

    tellsOf(attestor);
    Fact.Checkpoint unused = nodes.asksForCheckpoint();
    tellsOf(attestor);

    assertEquals(List.of(), said);
    assertEquals(1, forks);
  }

  @Test
  void aValidatorThatHasNeverBeatenContradictsNobody() {
    ActorRef<Attestor.Message> attestor = attestor();
    Fact.Checkpoint unused = nodes.asksForCheckpoint();

    tellsOf(attestor);

    assertEquals(1, said.size());
    assertEquals(0, forks);
  }

  @Test
  void aNodeWhoseStateTheOthersContradictAttestsNoMore() {
    ActorRef<Attestor.Message> attestor = attestor();
    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    tellsOf(attestor);
    assertEquals(1, said.size());

    nodes.signs(asked, Digest.sha256(new byte[] {1}));
    tellsOf(attestor);
    Fact.Checkpoint unused = nodes.asksForCheckpoint();
    tellsOf(attestor);

    assertEquals(1, said.size());
    assertEquals(1, forks);
  }

  private void restore(MarketReplica of) throws IOException {
    node.restore(of.read(MarketState::index), ThreeNodes.snapshot(of), Origin.PEER);
  }

  private void tellsOf(ActorRef<Attestor.Message> attestor) {
    nodes.feed(node);
    attestor.tell(new Attestor.Changed());
    actors.pass(AGAIN);
  }

  private ActorRef<Attestor.Message> attestor() {
    LogWriter log =
        new LogWriter(
            entry -> {
              CommandCodecs.ENTRY.decode(entry).forEach(each -> said.add(each.command()));
              return new CompletableFuture<>();
            });
    Witnesses witnesses =
        new Witnesses(
            UnprovenAttestorTest::unasked,
            UnprovenAttestorTest::unasked,
            UnprovenAttestorTest::unasked,
            UnprovenAttestorTest::unasked,
            UnprovenAttestorTest::unasked,
            UnprovenAttestorTest::unasked,
            new CheckpointWitness(node),
            UnprovenAttestorTest::unasked);
    return actors.spawn(
        Attestor.create(
            node,
            new ValidatorVoice(nodes.validators.get(0), log),
            witnesses,
            Runnable::run,
            () -> true,
            new Count()));
  }

  private static Statement unasked(Fact fact) {
    throw new AssertionError("nobody asks about " + fact);
  }

  private final class Count implements Attestor.AttestationCount {
    @Override
    public void attested(Fact fact) {}

    @Override
    public void couldNotTell(Fact fact) {}

    @Override
    public void forked() {
      forks++;
    }
  }
}
