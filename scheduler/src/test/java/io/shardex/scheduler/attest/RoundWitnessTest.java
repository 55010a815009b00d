package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.JobId;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.TwoNodes;
import io.shardex.training.PlainTraining;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What two nodes make of a round's results, and of results that nobody can use. */
class RoundWitnessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TwoNodes nodes = new TwoNodes();
  private Instant now = nodes.now();
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), () -> now);
  private final TinyJob tiny = new TinyJob(nodes, grid);
  private final RoundWitness first =
      new RoundWitness(nodes.first, grid, nodes.validator(0), patience());
  private final RoundWitness second =
      new RoundWitness(nodes.second, grid, nodes.validator(1), patience());
  private final ResultWitness doubter = new ResultWitness(nodes.second, grid, patience());
  private JobId job = new JobId(Digest.ZERO);

  RoundWitnessTest() throws JobRefused {}

  @BeforeEach
  void aRoundIsOpen() {
    job = tiny.funded();
  }

  @Test
  void twoNodesFindTheModelAndLossOfTheTrainingThatNobodyCutUp() throws Exception {
    List<RoundModel> models = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    RoundModel unused =
        PlainTraining.run(
            tiny.training,
            tiny.samples(),
            (round, loss, model) -> {
              models.add(model);
              losses.add(loss);
            });
    RoundModel base = tiny.initial();
    for (int round = 1; round <= 2; round++) {
      for (int shard = 0; shard < 2; shard++) {
        Task committed = tiny.commits(tiny.trained(base, shard), round);
        assertEquals(shard, committed.id().shard());
      }
      Fact.RoundModel fact = question();

      Statement statement = first.look(fact);

      base = models.get(round - 1);
      Digest name = Manifest.of(base.encode()).id();
      long lossBits = Double.doubleToRawLongBits(losses.get(round - 1));
      assertEquals(new Statement(fact, new FactValue.Averaged(name, lossBits)), statement);
      assertEquals(statement, second.look(fact));
      assertArrayEquals(base.encode(), grid.load(name).orElseThrow());
      nodes.agree(fact, statement.value());
    }
  }

  @Test
  void resultsAreReadSideBySideAndAveragedInTheOrderOfTheirShards() throws Exception {
    byte[] head = tiny.trained(tiny.initial(), 0).encode();
    ShardResult tail = tiny.trained(tiny.initial(), 1);
    Task one = nodes.committed("worker/0", tiny.upload(head));
    Task other = tiny.commits(tail, 1);
    Fact.RoundModel fact = question();
    Statement expected = second.look(fact);
    // The first shard's result comes only once the second's is being read.
    CountDownLatch secondIsRead = new CountDownLatch(1);
    grid.beforeChunk(
        chunk -> {
          if (chunk.equals(Digest.sha256(tail.encode()))) {
            secondIsRead.countDown();
          } else if (chunk.equals(Digest.sha256(head))) {
            awaitFor(secondIsRead);
          }
        });

    assertEquals(expected, first.look(fact), () -> one.id() + " " + other.id());
  }

  @Test
  void ofTwoFlawedResultsTheFirstShardsIsBroughtUp() throws Exception {
    Task first = nodes.committed("worker/0", tiny.upload(with(Float.NaN, 1).encode()));
    Task other = nodes.committed("worker/1", tiny.upload(new byte[] {1}));

    Statement statement = second.look(question());

    assertEquals(unusable(first), statement.fact(), () -> "not " + other.id());
    assertEquals(new FactValue.Unusable(Flaw.NOT_FINITE), statement.value());
  }

  private static void awaitFor(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS), "the second is not read beside the first");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRoundThatWasCutShortKeepsItsModel() throws Exception {
    ShardResult result = tiny.trained(tiny.initial(), 0);
    Task unused = tiny.commits(result, 1);
    nodes.cancels(job);
    Fact.RoundModel fact = question();
    Digest initial = Manifest.of(tiny.initial().encode()).id();
    long lossBits = Double.doubleToRawLongBits(result.meanLoss(tiny.training));

    Statement statement = first.look(fact);

    assertEquals(new Statement(fact, new FactValue.Averaged(initial, lossBits)), statement);
    assertEquals(statement, second.look(fact));
  }

  @Test
  void aResultThatDivergedIsLeftOutAndTheModelStands() throws Exception {
    Task unused = nodes.diverged("worker/0", 3);
    ShardResult honest = tiny.trained(tiny.initial(), 1);
    Task other = tiny.commits(honest, 1);
    Fact.RoundModel fact = question();
    Digest initial = Manifest.of(tiny.initial().encode()).id();
    long lossBits = Double.doubleToRawLongBits(honest.meanLoss(tiny.training));

    Statement statement = first.look(fact);

    assertEquals(new Statement(fact, new FactValue.Averaged(initial, lossBits)), statement);
    assertEquals(statement, second.look(fact), other::toString);
  }

  @Test
  void aResultThatIsMissingIsWaitedForBeforeItIsCalledSo() throws Exception {
    Task lost = nodes.committed("worker/0", Digest.sha256(new byte[] {1}));
    Task unused = tiny.commits(tiny.trained(tiny.initial(), 1), 1);
    Fact.RoundModel fact = question();

    assertThrows(CannotTell.class, () -> first.look(fact));
    assertThrows(CannotTell.class, () -> second.look(fact));
    assertThrows(CannotTell.class, () -> doubter.look(unusable(lost)));
    now = now.plus(PATIENCE).minusMillis(1);
    assertThrows(CannotTell.class, () -> first.look(fact));
    now = now.plusMillis(1);

    assertUnusable(Flaw.MISSING, lost, fact);
  }

  @Test
  void aResultThatComesWhileItIsWaitedForCounts() throws Exception {
    ShardResult late = tiny.trained(tiny.initial(), 0);
    Task unused = nodes.committed("worker/0", Manifest.of(late.encode()).id());
    Task other = tiny.commits(tiny.trained(tiny.initial(), 1), 1);
    Fact.RoundModel fact = question();
    assertThrows(CannotTell.class, () -> first.look(fact));
    now = now.plus(PATIENCE);

    Digest uploaded = tiny.upload(late.encode());

    assertEquals(fact, first.look(fact).fact(), () -> uploaded + " " + other);
  }

  @Test
  void aResultWithOnlyItsManifestInTheGridIsMissing() throws Exception {
    Manifest manifest = Manifest.of(tiny.trained(tiny.initial(), 0).encode());
    assertEquals(List.of(0), grid.announce("worker", manifest));
    Task lost = nodes.committed("worker/0", manifest.id());
    Task unused = tiny.commits(tiny.trained(tiny.initial(), 1), 1);
    Fact.RoundModel fact = question();
    assertThrows(CannotTell.class, () -> first.look(fact));
    assertThrows(CannotTell.class, () -> second.look(fact));
    assertThrows(CannotTell.class, () -> doubter.look(unusable(lost)));
    now = now.plus(PATIENCE);

    assertUnusable(Flaw.MISSING, lost, fact);
  }

  @Test
  void aResultThatIsNoResultIsMalformed() throws Exception {
    byte[] blob = tiny.trained(tiny.initial(), 0).encode();
    blob[0] ^= 1;
    assertFlawed(Flaw.MALFORMED, blob);
  }

  @Test
  void aTruncatedResultIsMalformed() throws Exception {
    byte[] blob = tiny.trained(tiny.initial(), 0).encode();
    assertFlawed(Flaw.MALFORMED, Arrays.copyOf(blob, blob.length - 1));
  }

  @Test
  void aResultOfAnotherShardIsMalformed() throws Exception {
    assertFlawed(Flaw.MALFORMED, tiny.trained(tiny.initial(), 1).encode());
  }

  @Test
  void aResultOfAnotherRoundIsMalformed() throws Exception {
    RoundModel later = new RoundModel(tiny.training.model(), 1, tiny.initial().parameters());
    assertFlawed(Flaw.MALFORMED, tiny.trained(later, 0).encode());
  }

  @Test
  void aResultThatCountsMoreSamplesThanItsShardHasIsMalformed() throws Exception {
    ShardResult honest = tiny.trained(tiny.initial(), 0);
    ShardResult heavy =
        new ShardResult(
            honest.model(),
            honest.round(),
            honest.shard(),
            1_000_000,
            honest.steps(),
            honest.lossSum(),
            honest.parameters());
    assertFlawed(Flaw.MALFORMED, heavy.encode());
  }

  @Test
  void aResultLargerThanTheModelCanBeIsMalformedAndNeverRead() throws Exception {
    int most = ShardResult.blobBytes(tiny.training.model());
    Manifest tooLarge = Manifest.of(new byte[most + 1]);
    assertEquals(List.of(0), grid.announce("worker", tooLarge));
    assertFlawed(Flaw.MALFORMED, tooLarge.id());
  }

  @Test
  void aResultThatHoldsNotANumberIsNotFinite() throws Exception {
    assertFlawed(Flaw.NOT_FINITE, with(Float.NaN, 1).encode());
  }

  @Test
  void aResultThatHoldsInfinityIsNotFinite() throws Exception {
    assertFlawed(Flaw.NOT_FINITE, with(Float.NEGATIVE_INFINITY, 1).encode());
  }

  @Test
  void aResultWhoseLossIsNotANumberIsNotFinite() throws Exception {
    assertFlawed(Flaw.NOT_FINITE, with(0, Double.NaN).encode());
  }

  @Test
  void aRoundThatIsClosedIsNotLookedAt() throws Exception {
    Task one = tiny.commits(tiny.trained(tiny.initial(), 0), 1);
    Task other = tiny.commits(tiny.trained(tiny.initial(), 1), 1);
    Fact.RoundModel fact = question();
    nodes.agree(fact, first.look(fact).value());

    assertThrows(CannotTell.class, () -> first.look(fact));
    assertThrows(CannotTell.class, () -> doubter.look(unusable(one)));
    assertThrows(CannotTell.class, () -> doubter.look(unusable(other)));
  }

  @Test
  void aResultThatIsFineIsNotCalledUnusable() {
    Task task = tiny.commits(tiny.trained(tiny.initial(), 0), 1);

    CannotTell refusal = assertThrows(CannotTell.class, () -> doubter.look(unusable(task)));

    assertTrue(String.valueOf(refusal.getMessage()).endsWith("is fine"), refusal::toString);
  }

  @Test
  void aResultOfAnOlderLeaseIsNotJudged() {
    Task task = nodes.committed("worker/0", tiny.upload(new byte[1]));
    Fact.ResultUnusable older = new Fact.ResultUnusable(task.id(), task.fence() - 1);

    assertThrows(CannotTell.class, () -> doubter.look(older));
  }

  private void assertFlawed(Flaw flaw, byte[] result) throws CannotTell {
    assertFlawed(flaw, tiny.upload(result));
  }

  private void assertFlawed(Flaw flaw, Digest result) throws CannotTell {
    Task task = nodes.committed("worker/0", result);
    Task unused = tiny.commits(tiny.trained(tiny.initial(), 1), 1);
    assertUnusable(flaw, task, question());
  }

  /** Both nodes bring the flaw up instead of a model, and hold it for true when asked. */
  private void assertUnusable(Flaw flaw, Task task, Fact.RoundModel fact) throws CannotTell {
    Statement expected = new Statement(unusable(task), new FactValue.Unusable(flaw));
    assertEquals(expected, first.look(fact));
    assertEquals(expected, second.look(fact));
    assertEquals(expected, doubter.look(unusable(task)));
  }

  private static Fact.ResultUnusable unusable(Task task) {
    return new Fact.ResultUnusable(task.id(), task.fence());
  }

  /** What is asked of the validators once every committed result is proven. */
  private Fact.RoundModel question() {
    nodes.proves();
    return nodes.openFacts(Fact.RoundModel.class).getFirst();
  }

  /** The first shard's result with one parameter and the loss exchanged. */
  private ShardResult with(float parameter, double lossSum) {
    ShardResult honest = tiny.trained(tiny.initial(), 0);
    float[] values = new float[honest.parameters().count()];
    honest.parameters().copyTo(0, values);
    values[values.length - 1] = parameter;
    return new ShardResult(
        honest.model(),
        honest.round(),
        honest.shard(),
        honest.samples(),
        honest.steps(),
        lossSum,
        Parameters.of(values));
  }

  private Patience patience() {
    return new Patience(() -> now, PATIENCE);
  }
}
