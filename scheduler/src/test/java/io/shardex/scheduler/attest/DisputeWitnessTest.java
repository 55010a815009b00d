package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.TaskId;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.TwoNodes;
import io.shardex.training.ShardOutcome;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What validators find when they execute a disputed shard. */
class DisputeWitnessTest {
  private final TwoNodes nodes = new TwoNodes();
  private final MapGrid grid = grid();
  private final List<Double> executions = new ArrayList<>();
  private final List<DisputeWitness> witnesses = new ArrayList<>();
  private final DisputeWitness witness = witness(nodes.first, grid, 0);

  @AfterEach
  void close() {
    witnesses.forEach(DisputeWitness::close);
  }

  @Test
  void itFindsWhatTrainingTheShardGivesAndStoresTheResult() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var unusedJob = tiny.funded();
    ShardOutcome.Trained truth = (ShardOutcome.Trained) tiny.outcome(tiny.initial(), 0);
    Task unused = nodes.committed("liar", Digest.sha256(new byte[] {1}));

    Statement statement = witness.look(disputed());

    byte[] result = truth.result().encode();
    Digest name = Manifest.of(result).id();
    Digest root = Digest.of(truth.root().bytes());
    assertEquals(
        new Statement(disputed(), new FactValue.Executed(root, name, Optional.empty())), statement);
    assertArrayEquals(result, grid.load(name).orElseThrow());
    assertEquals(1, executions.size());
    assertTrue(executions.getFirst() >= 0);
  }

  @Test
  void twoNodesOnTwoGridsFindTheSame() throws Exception {
    MapGrid other = grid();
    TinyJob tiny = new TinyJob(nodes, grid);
    TinyJob same = new TinyJob(nodes, other);
    var unusedJob = tiny.funded();
    Digest unusedModel = same.upload(same.initial().encode());
    ShardResult honest = tiny.trained(tiny.initial(), 0);
    Task unused = tiny.commits(honest, 1);

    Statement one = witness.look(disputed());
    Statement two = witness(nodes.second, other, 1).look(disputed());

    assertEquals(one, two);
    assertTrue(other.load(Manifest.of(honest.encode()).id()).isPresent());
  }

  @Test
  void theHonestResultOfALaterRoundIsFoundFromItsOwnModel() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var unusedJob = tiny.funded();
    for (int shard = 0; shard < 2; shard++) {
      Task unused = tiny.commits(tiny.trained(tiny.initial(), shard), 1);
    }
    nodes.proves();
    Fact.RoundModel round = nodes.openFacts(Fact.RoundModel.class).getFirst();
    RoundWitness models =
        new RoundWitness(
            nodes.first,
            grid,
            nodes.validator(0),
            new Patience(nodes::now, Duration.ofSeconds(10)));
    FactValue.Averaged next = (FactValue.Averaged) models.look(round).value();
    nodes.agree(round, next);
    byte[] model = grid.load(next.model()).orElseThrow();
    ShardResult honest = tiny.trained(RoundModel.decode(model, tiny.training.model(), 1), 0);
    Task unused = tiny.commits(honest, 2);

    FactValue.Executed found = executed(witness.look(disputed()));

    assertEquals(Manifest.of(honest.encode()).id(), found.shown());
  }

  @Test
  void itFindsWhatEachCheckpointThatAResultRestsOnShouldHaveBeen() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var unusedJob =
        nodes.funded(tiny.spec, tiny.savedTerms(), tiny.upload(tiny.initial().encode()));
    Digest honest = stateAt(tiny, 2);
    TaskId task = nodes.left("first", 2, honest);
    Task lying = nodes.resumed("liar", Digest.sha256(new byte[] {1}));
    assertEquals(task, lying.id());

    FactValue.Executed found = executed(witness.look(disputed()));

    assertEquals(List.of(honest), found.checkpoints());
    nodes.agree(disputed(), found);
    assertEquals(
        1, nodes.first.read(state -> state.standing(lying.lease().orElseThrow().owner())).lies());
  }

  @Test
  void aCheckpointOfAStepThatTheShardDoesNotHaveIsNone() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var unusedJob =
        nodes.funded(tiny.spec, tiny.savedTerms(), tiny.upload(tiny.initial().encode()));
    // Shard 0 has 11 samples, and so three batches in each of two epochs.
    TaskId unused = nodes.left("first", 5, Digest.sha256(new byte[] {2}));
    Task unusedTask = nodes.resumed("second", Digest.sha256(new byte[] {1}));
    FactValue.Executed found = executed(witness.look(disputed()));
    assertEquals(List.of(stateAt(tiny, 5)), found.checkpoints());
    assertEquals(
        Digest.ZERO,
        new CheckpointIds(List.of(new Checkpoint(1, Address.ZERO, Address.ZERO, 6, Digest.ZERO, 0)))
            .ids()
            .getFirst());
  }

  private Digest stateAt(TinyJob tiny, int step) {
    CheckpointIds ids =
        new CheckpointIds(
            List.of(new Checkpoint(1, Address.ZERO, Address.ZERO, step, Digest.ZERO, 0)));
    ShardOutcome unused = tiny.outcome(tiny.initial(), 0, ids);
    return ids.ids().getFirst();
  }

  @Test
  void aShardThatDivergesShowsTheStepAndNoBlob() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    float[] huge = new float[tiny.initial().parameters().count()];
    Arrays.fill(huge, Float.MAX_VALUE);
    RoundModel first = new RoundModel(tiny.training.model(), 0, Parameters.of(huge));
    var unusedJob = tiny.funded(first);
    ShardOutcome.Diverged truth =
        assertInstanceOf(ShardOutcome.Diverged.class, tiny.outcome(first, 0));
    Task unused = nodes.committed("liar", Digest.sha256(new byte[] {1}));

    FactValue.Executed found = executed(witness.look(disputed()));

    assertEquals(
        new FactValue.Executed(
            Digest.of(truth.root().bytes()),
            Divergence.shown(truth.step()),
            Optional.of(truth.step())),
        found);
    assertTrue(grid.manifest(found.shown()).isEmpty());
    nodes.agree(disputed(), found);
  }

  @Test
  void withoutABlobItCannotTell() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var unusedJob = tiny.funded();
    Task unused = nodes.committed("worker", Digest.sha256(new byte[] {1}));
    byte[] base = tiny.initial().encode();
    for (Digest blob :
        List.of(tiny.spec, tiny.terms().data(), tiny.data.images(), Manifest.of(base).id())) {
      byte[] content = grid.load(blob).orElseThrow();
      assertTrue(grid.delete(blob));
      assertThrows(CannotTell.class, () -> witness.look(disputed()), blob::hex);
      assertEquals(blob, tiny.upload(content));
    }
    assertEquals(0, executions.size());

    assertEquals(disputed(), witness.look(disputed()).fact());
  }

  @Test
  void aResultThatIsGoneCannotBeTold() throws Exception {
    TinyJob tiny = new TinyJob(nodes, grid);
    var job = tiny.funded();
    assertThrows(
        CannotTell.class, () -> witness.look(new Fact.Dispute(new TaskId(job, 1, 0).audit(1))));
  }

  @Test
  void onlyTheChunksThatTheShardLiesInAreRead() throws Exception {
    int side = 256;
    int samples = 36;
    byte[] images =
        ByteBuffer.allocate(16 + samples * side * side)
            .putInt(0x0803)
            .putInt(samples)
            .putInt(side)
            .putInt(side)
            .array();
    Manifest manifest = Manifest.of(images);
    DataDescription data =
        new DataDescription.Idx(
            manifest.id(),
            images.length,
            store(labels(samples)),
            8 + (long) samples,
            samples,
            side,
            side,
            TinyJob.CLASSES);
    JobFile file =
        JobFile.parse(
            TinyJob.FILE
                .replace("[16, 5, 3]", "[" + side * side + ", 2, 3]")
                .getBytes(StandardCharsets.UTF_8));
    JobPlan plan = JobPlan.of(file.spec(), data, nodes.network, nodes.now());
    Digest unusedData = store(data.encoded());
    Digest initial = store(InitialModel.of(plan.training().model()).encode());
    var unusedJob = nodes.funded(store(file.bytes()), plan.terms(), initial);
    Task unusedFirst = nodes.committed("first", Digest.sha256(new byte[] {1}));
    Task unusedSecond = nodes.committed("second", Digest.sha256(new byte[] {2}));
    List<Fact.Dispute> disputes = nodes.draws();

    assertEquals(List.of(0, 1, 2), grid.announce("builder", manifest));
    grid.put(manifest, 0, manifest.slice(images, 0));
    grid.put(manifest, 1, manifest.slice(images, 1));

    assertEquals(disputes.get(0), witness.look(disputes.get(0)).fact());
    assertThrows(CannotTell.class, () -> witness.look(disputes.get(1)));
    grid.put(manifest, 2, manifest.slice(images, 2));
    assertEquals(disputes.get(1), witness.look(disputes.get(1)).fact());
  }

  private static byte[] labels(int samples) {
    return ByteBuffer.allocate(8 + samples).putInt(0x0801).putInt(samples).array();
  }

  private Digest store(byte[] content) {
    return grid.store("builder", content);
  }

  private Fact.Dispute disputed() {
    return nodes.draws().getFirst();
  }

  private static FactValue.Executed executed(Statement statement) {
    return assertInstanceOf(FactValue.Executed.class, statement.value());
  }

  private DisputeWitness witness(MarketReplica of, MapGrid blobs, int validator) {
    DisputeWitness made =
        new DisputeWitness(of, blobs, nodes.validator(validator), executions::add);
    witnesses.add(made);
    return made;
  }

  private MapGrid grid() {
    return new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), nodes::now);
  }
}
