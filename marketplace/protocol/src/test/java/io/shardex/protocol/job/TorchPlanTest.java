package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.WorkUnits;
import io.shardex.training.spec.ModelSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Job files that bring a module of their own, and what the market is told of them. */
class TorchPlanTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Network NETWORK = Jobs.network("cpu");
  private static final DataDescription.Idx DATA = data(10);
  private static final TorchInputs INPUTS = TorchJobs.inputs(TorchJobs.TENSORS, DATA);

  private static DataDescription.Idx data(int classes) {
    Digest some = Digest.sha256(new byte[] {1});
    return new DataDescription.Idx(some, 16 + 60_000L * 784, some, 60_008, 60_000, 28, 28, classes);
  }

  private static JobPlan plan(String yaml) throws JobRefused {
    return JobPlan.of(Jobs.parse(yaml).spec(), INPUTS, NETWORK, NOW);
  }

  private static List<String> refusals(String yaml, TrainingInputs inputs) {
    return assertThrows(
            JobRefused.class, () -> JobPlan.of(Jobs.parse(yaml).spec(), inputs, NETWORK, NOW))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  @Test
  void aModuleIsReadAsItsFileSays() throws Exception {
    JobSpec spec = Jobs.parse(TorchJobs.LINEAR).spec();
    assertEquals(
        new JobSpec.Model.TorchScript("model.pt", "model.safetensors", 10, 31_400, 7),
        spec.model());
    assertFalse(spec.rollsBack());
  }

  @Test
  void theTermsAreThoseOfAJobThatIsNotProvenAndPaidByItsDeclaredWork() throws Exception {
    JobPlan plan = plan(TorchJobs.LINEAR);
    JobTerms terms = plan.terms();
    assertEquals(Execution.TORCH, terms.execution());
    assertEquals(new PartsPerMillion(0), terms.audit());
    assertFalse(terms.rollsBack());
    assertEquals(INPUTS.digest(), terms.data());
    // 10,000 samples of 31,400 operations, and 313 updates of 7,850 numbers by 4 operations.
    assertEquals(new WorkUnits(324), terms.shardWork());
    assertEquals(313, terms.shardSteps());
    assertEquals(terms.leastBudget(), terms.fullBudget());
    // 768 MiB, and a few copies of a small model and of 10,000 images.
    assertEquals(768 + 16, terms.memoryMiB());
    assertEquals(
        new ModelSpec.TorchScript(TorchJobs.TENSORS, new ModelSpec.Image(28, 28, 1), 10, 31_400, 7),
        plan.training().model());
  }

  @Test
  void anAuditOrARollBackOfItIsRefusedWithTheFix() {
    assertEquals(
        List.of(
            "spec.verification.audit: expected 0%, since results of a torchscript model cannot be"
                + " audited, but it is 20%",
            "spec.verification.onLie: expected no onLie, since no lie about a torchscript model can"
                + " be proven, but it is rollback"),
        refusals(TorchJobs.edited("audit: 0%", "audit: 20%, onLie: rollback"), INPUTS));
  }

  @Test
  void continueIsTrueOfEveryModule() throws Exception {
    assertFalse(
        plan(TorchJobs.edited("audit: 0%", "audit: 0%, onLie: continue")).terms().rollsBack());
  }

  @Test
  void aModelOfTheMarketsOwnIsStillAudited() {
    assertEquals(
        List.of("spec.verification.audit: expected at least 5%, the network's floor, but it is 0%"),
        refusals(Jobs.edited("audit: 20%", "audit: 0%"), DATA));
  }

  @Test
  void whatTheFileDeclaresMustFitItsTensorsAndData() {
    assertEquals(
        List.of(
            "spec.model: expected model.flopsPerSample to be 15700 to 1000000000000, but it is 1"),
        refusals(TorchJobs.edited("flopsPerSample: 31400", "flopsPerSample: 1"), INPUTS));
    assertEquals(
        List.of(
            "spec.model.classes: expected at least 12 outputs, since the highest label is 11,"
                + " but the last width is 10"),
        refusals(TorchJobs.LINEAR, TorchJobs.inputs(TorchJobs.TENSORS, data(12))));
    assertEquals(
        List.of("spec: expected a job whose work and cost can be counted, but long overflow"),
        refusals(
            TorchJobs.edited("flopsPerSample: 31400", "flopsPerSample: 1000000000000")
                .replace("epochs: 1", "epochs: 1000"),
            INPUTS));
  }

  @Test
  void fieldsAreRefusedByName() {
    assertEquals(
        List.of(
            "line 5: spec.model.flopsPersample: unknown field; the nearest known one is flopsPerSample",
            "line 5: spec.model.flopsPerSample: missing; expected 1 to 1000000000000"),
        shapeProblems(TorchJobs.edited("flopsPerSample", "flopsPersample")));
    assertEquals(
        List.of("line 5: spec.model.classes: expected 2 to 256, but it is the number 1"),
        shapeProblems(TorchJobs.edited("classes: 10", "classes: 1")));
    assertEquals(
        1, shapeProblems(TorchJobs.edited("classes: 10", "classes: 10, layers: [784, 10]")).size());
  }

  private static List<String> shapeProblems(String yaml) {
    return assertThrows(JobRefused.class, () -> Jobs.parse(yaml)).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  @Test
  void aDescriptionOfTheOtherKindIsRefused() {
    assertEquals(
        List.of("spec.model: expected a module, but none is described"),
        refusals(TorchJobs.LINEAR, DATA));
    assertEquals(
        List.of("spec.model: expected no module, but there is one"), refusals(Jobs.MNIST, INPUTS));
  }

  @Test
  void nobodyCanSellAModuleAsProven() throws Exception {
    JobTerms terms = plan(TorchJobs.LINEAR).terms();
    JobTerms proven =
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
            terms.data());
    JobSpec spec = Jobs.parse(TorchJobs.LINEAR).spec();
    assertEquals(Optional.empty(), JobPlan.refusal(terms, spec, INPUTS, NETWORK));
    assertTrue(
        JobPlan.refusal(proven, spec, INPUTS, NETWORK)
            .orElseThrow()
            .startsWith("expected execution to be Execution[runtime=TORCH"));
  }
}
