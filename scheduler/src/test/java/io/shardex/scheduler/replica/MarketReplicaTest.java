package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicatedMachine.Origin;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.StateCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a node may believe its state. */
class MarketReplicaTest {
  private final ThreeNodes nodes = new ThreeNodes();
  private MarketReplica node = nodes.replica();

  @BeforeEach
  void someSlotsPass() {
    nodes.slot();
  }

  @Test
  void aNodeThatAppliedTheWholeLogIsProven() {
    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    nodes.feed(node);

    assertTrue(node.isProven());
    assertEquals(nodes.honest.checkpointAt(asked.index()), node.checkpointAt(asked.index()));
    assertEquals(
        Digest.sha256(node.read(StateCodec.STATE::encode)),
        node.checkpointAt(asked.index()).orElseThrow());
  }

  @Test
  void aLeadersSnapshotIsUnprovenUntilACheckpointWithItsOwnHashIsSigned() throws IOException {
    restore(nodes.honest, Origin.PEER);
    nodes.feed(node);
    assertFalse(node.isProven());

    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    nodes.feed(node);
    assertFalse(node.isProven());
    nodes.signs(asked);
    nodes.feed(node);

    assertTrue(node.isProven());
    assertFalse(node.isContradicted());
  }

  @Test
  void whatItWroteItselfBeforeTheProofIsUnprovenAfterARestart() throws IOException {
    restore(nodes.honest, Origin.PEER);
    nodes.slot();
    nodes.feed(node);

    restart();
    assertFalse(node.isProven());
    nodes.signs(nodes.asksForCheckpoint());
    nodes.feed(node);
    assertTrue(node.isProven());

    restart();
    assertTrue(node.isProven());
  }

  @Test
  void aSnapshotThatCallsItselfProvenIsNotWhenALeaderSentIt() throws IOException {
    assertEquals(1, ThreeNodes.snapshot(nodes.honest).read());
    restore(nodes.honest, Origin.PEER);
    assertFalse(node.isProven());
    assertEquals(0, ThreeNodes.snapshot(node).read());
  }

  @Test
  void aCheckpointThatWasAskedForBeforeTheSnapshotProvesNothing() throws IOException {
    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    nodes.feed(node);
    restore(nodes.honest, Origin.PEER);

    nodes.signs(asked);
    nodes.feed(node);

    assertFalse(node.isProven());
    assertFalse(node.isContradicted());
  }

  @Test
  void aCheckpointThatOneValidatorSignedProvesNothing() throws IOException {
    restore(nodes.honest, Origin.PEER);
    Fact.Checkpoint asked = nodes.asksForCheckpoint();
    nodes.write(
        nodes
            .validators
            .get(0)
            .sign(
                new Command.Attest(
                    asked,
                    0,
                    new FactValue.StateDigest(
                        nodes.honest.checkpointAt(asked.index()).orElseThrow()))));
    nodes.feed(node);

    assertFalse(node.isProven());
  }

  @Test
  void aForgedSnapshotIsContradictedByTheNextCheckpoint() throws IOException {
    restore(forged(), Origin.PEER);

    nodes.signs(nodes.asksForCheckpoint());
    nodes.feed(node);

    assertFalse(node.isProven());
    assertTrue(node.isContradicted());
  }

  @Test
  void aNodeWhoseLogIsForgedIsContradictedByTheNextCheckpoint() {
    node = forged();
    assertTrue(node.isProven());

    nodes.signs(nodes.asksForCheckpoint());
    nodes.feed(node);

    assertTrue(node.isContradicted());
  }

  @Test
  void whatAContradictedNodeWroteIsUnprovenAfterARestart() throws IOException {
    node = forged();
    nodes.signs(nodes.asksForCheckpoint());
    nodes.feed(node);

    restart();

    assertFalse(node.isProven());
  }

  @Test
  void aSecondSnapshotFromALeaderNeedsAProofOfItsOwn() throws IOException {
    restore(nodes.honest, Origin.PEER);
    nodes.signs(nodes.asksForCheckpoint());
    nodes.feed(node);
    assertTrue(node.isProven());

    restore(nodes.honest, Origin.PEER);

    assertFalse(node.isProven());
  }

  @Test
  void bytesThatAreNoSnapshotAreRefusedAndChangeNothing() {
    nodes.feed(node);
    for (byte[] bytes : new byte[][] {{}, {1}, {1, 2, 3}, {7}}) {
      assertThrows(
          IOException.class, () -> node.restore(5, new ByteArrayInputStream(bytes), Origin.OWN));
    }
    assertTrue(node.isProven());
    assertEquals(nodes.honest.read(MarketState::hash), node.read(MarketState::hash));
  }

  /** A node whose log has another beat of the first validator than the true one. */
  private MarketReplica forged() {
    MarketReplica forged = nodes.replica();
    nodes.feed(forged);
    nodes.feedInstead(forged, nodes.beat(0, 1));
    nodes.write(nodes.beat(0, 2));
    return forged;
  }

  /** The node is given the snapshot of another, up to where that one is. */
  private void restore(MarketReplica of, Origin origin) throws IOException {
    node.restore(of.read(MarketState::index), ThreeNodes.snapshot(of), origin);
  }

  private void restart() throws IOException {
    MarketReplica before = node;
    node = nodes.replica();
    restore(before, Origin.OWN);
  }
}
