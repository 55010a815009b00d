package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.ResourceClass;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.training.spec.ModelSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobPlanTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_000_000);
  private static final DataDescription DATA = data(28, 10);

  @Test
  void theExampleBecomesItsTerms() throws Exception {
    JobPlan plan = plan(Jobs.MNIST, "cpu");
    assertEquals(
        new JobTerms(
            "mnist-mlp",
            new ResourceClass("cpu"),
            85,
            6,
            10,
            new WorkUnits(8_437),
            313,
            new UnitPrice(400_000_000_000L),
            NOW.toEpochMilli() + 1_800_000,
            new PartsPerMillion(200_000),
            true,
            DATA.digest()),
        plan.terms());
    assertEquals(60_000, plan.training().trainImages());
    assertEquals(Amount.of(5_000_000), plan.budget());
  }

  @Test
  void theHourlyLimitBuysAtMostAnHoursWork() throws Exception {
    UnitPrice limit = plan(Jobs.MNIST, "cpu").terms().limit();
    assertEquals(Amount.of(400_000), limit.perHour(new WorkUnits(1_000_000)));
  }

  @Test
  void theLimitCutsTheSamplesAndTheWork() throws Exception {
    JobPlan plan =
        plan(Jobs.edited("labels: train-labels}", "labels: train-labels, limit: 12000}"), "cpu");
    assertEquals(12_000, plan.training().trainImages());
    assertEquals(new WorkUnits(1_688), plan.terms().shardWork());
    assertEquals(DATA.digest(), plan.terms().data());
    assertEquals(
        List.of(
            "spec.data.train.limit: expected at most 60000, the samples there are,"
                + " but it is 60001"),
        refusals(
            Jobs.edited("labels: train-labels}", "labels: train-labels, limit: 60001}"), DATA));
  }

  @Test
  void theLargestShardSaysTheWork() throws Exception {
    String seven = Jobs.edited("shards:  6", "shards:  7");
    // 60,000 samples in 7 shards are 8,571 or 8,572: the last one holds 8,572 in 268 steps.
    assertEquals(new WorkUnits(7_232), plan(seven, "cpu").terms().shardWork());
  }

  @Test
  void anyMeansTheOnlyClass() throws Exception {
    assertEquals("a100", plan(Jobs.MNIST, "a100").terms().resources().name());
    JobRefused refused = assertThrows(JobRefused.class, () -> plan(Jobs.MNIST, "a100", "cpu"));
    assertEquals(
        "spec.resources.accelerator: expected one of the network's classes (a100, cpu),"
            + " but it is any",
        refused.getMessage());
    String named = Jobs.edited("accelerator: any", "accelerator: cpu");
    assertEquals("cpu", plan(named, "a100", "cpu").terms().resources().name());
    assertThrows(JobRefused.class, () -> plan(named, "a100"));
  }

  @Test
  void aModelThatDoesNotFitTheDataIsRefused() {
    assertEquals(
        List.of(
            "spec.model.layers: expected 728 inputs, 28 rows by 26 columns of an image,"
                + " but the first width is 784",
            "spec.model.layers: expected at least 12 outputs, since the highest label is 11,"
                + " but the last width is 10"),
        refusals(Jobs.MNIST, data(26, 12)));
  }

  @Test
  void anImageThatIsNotTheDatasIsRefused() throws Exception {
    String cnn =
        Jobs.edited(
            "{kind: mlp, layers: [784, 256, 10],",
            "{kind: cnn, image: [26, 28, 2], stages: [{kernel: 3, channels: 4}], dense: [10],");
    assertEquals(
        List.of(
            "spec.model.image: expected [28, 26, 1], 28 rows by 26 columns of an image and one"
                + " channel, but it is [26, 28, 2]",
            "spec.model.dense: expected at least 12 outputs, since the highest label is 11,"
                + " but the last width is 10"),
        refusals(cnn, data(26, 12)));
    JobPlan fitting = plan(cnn.replace("26, 28, 2", "28, 28, 1"), "cpu");
    assertEquals(4 * 9 + 4 + 10 * (784 + 1), fitting.training().model().parameterCount());
  }

  @Test
  void anAuditBelowTheNetworksFloorIsRefused() {
    assertEquals(
        List.of(
            "spec.verification.audit: expected at least 5%, the network's floor,"
                + " but it is 4.9999%"),
        refusals(Jobs.edited("audit: 20%", "audit: 4.9999%"), DATA));
  }

  @Test
  void aPriceThatRoundsToNothingIsRefused() {
    assertEquals(1, refusals(Jobs.edited("\"0.40\"", "\"0\""), DATA).size());
  }

  @Test
  void whatTheBudgetLacksIsSaid() throws Exception {
    // 8,437 WU at 0.40 per million WU are 0.003375 a shard, rounded up.
    JobPlan poor = plan(Jobs.edited("\"5.00\"", "\"0.20\""), "cpu");
    assertEquals(Amount.of((60 + 6) * 3_375 - 200_000), poor.missingBudget());
    assertEquals(Amount.of(120 * 3_375 - 200_000), poor.missingFullBudget());
    assertEquals(Amount.ZERO, plan(Jobs.MNIST, "cpu").missingFullBudget());
  }

  @Test
  void aCostNoAmountCanHoldIsRefused() {
    assertEquals(1, refusals(Jobs.edited("\"0.40\"", "\"999999999999\""), DATA).size());
  }

  @Test
  void validatorsAcceptTheTermsOfThePlanAndNameWhatDiffers() throws Exception {
    JobSpec spec = Jobs.parse(Jobs.MNIST).spec();
    JobTerms terms = plan(Jobs.MNIST, "cpu").terms();
    assertEquals(Optional.empty(), JobPlan.refusal(terms, spec, DATA, Jobs.network("cpu")));
    assertEquals(
        Optional.of("expected shardWork to be 8437 WU by the job file, but the terms say 1 WU"),
        JobPlan.refusal(
            claiming(terms, new WorkUnits(1), 313, true), spec, DATA, Jobs.network("cpu")));
    assertEquals(
        Optional.of("expected shardSteps to be 313 by the job file, but the terms say 312"),
        JobPlan.refusal(
            claiming(terms, terms.shardWork(), 312, true), spec, DATA, Jobs.network("cpu")));
    assertEquals(
        Optional.of("expected rollsBack to be true by the job file, but the terms say false"),
        JobPlan.refusal(
            claiming(terms, terms.shardWork(), 313, false), spec, DATA, Jobs.network("cpu")));
    assertTrue(
        JobPlan.refusal(terms, spec, data(26, 10), Jobs.network("cpu"))
            .orElseThrow()
            .startsWith("spec.model.layers: expected 728 inputs"));
  }

  @Test
  void nobodyCanSellATrainingAsUnprovenToEscapeItsAudits() throws Exception {
    JobTerms terms = plan(Jobs.MNIST, "cpu").terms();
    JobTerms unproven =
        new JobTerms(
            terms.name(),
            terms.resources(),
            terms.memoryMiB(),
            terms.shards(),
            terms.rounds(),
            terms.shardWork(),
            terms.shardSteps(),
            terms.limit(),
            terms.deadlineMillis(),
            terms.audit(),
            terms.rollsBack(),
            terms.data(),
            Execution.TORCH);
    assertTrue(
        JobPlan.refusal(unproven, Jobs.parse(Jobs.MNIST).spec(), DATA, Jobs.network("cpu"))
            .orElseThrow()
            .startsWith("expected execution to be Execution[runtime=REFERENCE"));
  }

  /** The same terms but for what is told here. */
  private static JobTerms claiming(JobTerms terms, WorkUnits work, int steps, boolean rollsBack) {
    return new JobTerms(
        terms.name(),
        terms.resources(),
        terms.memoryMiB(),
        terms.shards(),
        terms.rounds(),
        work,
        steps,
        terms.limit(),
        terms.deadlineMillis(),
        terms.audit(),
        rollsBack,
        terms.data());
  }

  @Test
  void theLargestShardSaysTheSteps() throws Exception {
    // 10,000 samples are 312 batches of 32 and one of 16, in each of the local epochs.
    assertEquals(313, plan(Jobs.MNIST, "cpu").terms().shardSteps());
    assertEquals(939, plan(Jobs.edited("epochs: 1", "epochs: 3"), "cpu").terms().shardSteps());
    // 60,000 samples in 7 shards are 8,571 or 8,572: 268 steps, and 20,000 in 3 are 625.
    assertEquals(268, plan(Jobs.edited("shards:  6", "shards:  7"), "cpu").terms().shardSteps());
    assertEquals(625, plan(Jobs.edited("shards:  6", "shards:  3"), "cpu").terms().shardSteps());
    // One sample more makes one step more, though only the last shard has it.
    String odd =
        Jobs.edited("labels: train-labels}", "labels: train-labels, limit: 193}")
            .replace("rounds:  10", "rounds:  1");
    assertEquals(2, plan(odd, "cpu").terms().shardSteps());
  }

  @Test
  void whatTheBuilderWantsDoneAboutLiesIsInTheTerms() throws Exception {
    String goesOn = Jobs.edited("audit: 20%", "audit: 20%, onLie: continue");
    assertFalse(plan(goesOn, "cpu").terms().rollsBack());
  }

  @Test
  void moreResultsThanTheNetworkKeepsAreRefused() throws Exception {
    int most = Jobs.network("cpu").rules().bounds().results();
    String many = Jobs.edited("shards:  6", "shards:  100");
    String atTheBound = many.replace("rounds:  10", "rounds:  " + most / 100);
    String beyond = many.replace("rounds:  10", "rounds:  " + (most / 100 + 1));

    assertEquals(most / 100, plan(atTheBound, "cpu").terms().rounds());
    assertEquals(
        List.of(
            "spec.rounds: expected shards x rounds of at most 100000, the network's bound,"
                + " but it is 100100"),
        refusals(beyond, DATA));
  }

  @Test
  void anInstantOfTheFileBindsTheTerms() throws Exception {
    JobSpec dated = Jobs.with("30m", "2030-01-31T12:00:00Z");
    JobTerms terms = plan(Jobs.MNIST, "cpu").terms();
    assertTrue(
        JobPlan.refusal(terms, dated, DATA, Jobs.network("cpu"))
            .orElseThrow()
            .startsWith("expected deadlineMillis to be 1896091200000"));
  }

  private static JobPlan plan(String yaml, String... classes) throws JobRefused {
    return JobPlan.of(Jobs.parse(yaml).spec(), DATA, Jobs.network(classes), NOW);
  }

  @Test
  void aJobSaysHowOftenItsShardsAreSaved() throws Exception {
    assertEquals(Optional.empty(), plan(Jobs.MNIST, "cpu").terms().execution().checkpoint());
    assertEquals(
        Optional.of(new CheckpointEvery.Steps(200)),
        plan(saved("200 steps"), "cpu").terms().execution().checkpoint());
    assertEquals(
        Optional.of(new CheckpointEvery.Time(90_000)),
        plan(saved("90s"), "cpu").terms().execution().checkpoint());
    assertEquals(
        Optional.of(new CheckpointEvery.Time(3_600_000)),
        plan(saved("1h"), "cpu").terms().execution().checkpoint());
    JobTerms unsaved = plan(Jobs.MNIST, "cpu").terms();
    assertTrue(
        JobPlan.refusal(unsaved, Jobs.parse(saved("90s")).spec(), DATA, Jobs.network("cpu"))
            .orElseThrow()
            .startsWith("expected execution to be"));
  }

  @Test
  void anIntervalThatIsNoneIsRefused() {
    for (String wrong : List.of("0 steps", "steps", "30", "2d", "-1s")) {
      JobRefused no = assertThrows(JobRefused.class, () -> Jobs.parse(saved(wrong)), wrong);
      assertTrue(
          no.brief().contains("spec.checkpoint.every")
              && no.brief().contains("expected a text such as 200 steps or 30s, but it is"),
          no::brief);
    }
  }

  private static String saved(String every) {
    return Jobs.MNIST + "  checkpoint: {every: " + every + "}\n";
  }

  @Test
  void imagesAreNoDataForALanguageModel() throws Exception {
    JobSpec mnist = Jobs.parse(Jobs.MNIST).spec();
    JobSpec.Model language =
        new JobSpec.Model.Reference(new ModelSpec.Transformer(128, 64, 64, 4, 2, 7));
    JobSpec spec =
        new JobSpec(
            mnist.name(),
            language,
            mnist.data(),
            mnist.shards(),
            mnist.rounds(),
            mnist.local(),
            mnist.outer(),
            mnist.resources(),
            mnist.price(),
            mnist.deadline(),
            mnist.audit(),
            mnist.rollsBack(),
            mnist.checkpoint());
    JobRefused no =
        assertThrows(JobRefused.class, () -> JobPlan.of(spec, DATA, Jobs.network("cpu"), NOW));
    assertEquals(
        List.of("spec.model.kind: expected a model of images, but it reads windows of 64 tokens"),
        no.problems().stream().map(Problem::toString).toList());
  }

  private static List<String> refusals(String yaml, DataDescription data) {
    return assertThrows(
            JobRefused.class,
            () -> JobPlan.of(Jobs.parse(yaml).spec(), data, Jobs.network("cpu"), NOW))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  private static DataDescription data(int columns, int classes) {
    Digest some = Digest.sha256("some".getBytes(StandardCharsets.UTF_8));
    return new DataDescription.Idx(
        some, 16 + 60_000L * 28 * columns, some, 60_008, 60_000, 28, columns, classes);
  }
}
