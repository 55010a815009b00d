package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.WorkUnits;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandPlanTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Network NETWORK = Jobs.network("cpu", "gpu");
  private static final CommandInputs.Blob BLOB =
      new CommandInputs.Blob(Digest.parse("ab".repeat(32)), 1_000);
  private static final CommandInputs INPUTS =
      new CommandInputs(
          BLOB,
          List.of(
              new CommandInputs.File("train.py", BLOB), new CommandInputs.File("corpus", BLOB)));

  @Test
  void theTermsAreThoseOfAJobThatIsNotProvenAndPaidByTime() throws Exception {
    CommandPlan plan = plan(Commands.TRAIN);
    JobTerms terms = plan.terms();
    assertEquals("my-training", terms.name());
    assertEquals(new ResourceClass("cpu"), terms.resources());
    assertEquals(512, terms.memoryMiB());
    assertEquals(4, terms.shards());
    assertEquals(1, terms.rounds());
    // Half an hour at a million an hour.
    assertEquals(new WorkUnits(500_000), terms.shardWork());
    assertEquals(new PartsPerMillion(0), terms.audit());
    assertEquals(INPUTS.digest(), terms.data());
    assertEquals(1_800, terms.shardSteps());
    CheckpointEvery everyMinute = new CheckpointEvery.Time(60_000);
    assertEquals(Execution.COMMAND_ONLINE.saved(everyMinute), terms.execution());
    assertEquals(
        Execution.COMMAND.saved(everyMinute),
        plan(edited("network: true", "network: false")).terms().execution());
    assertEquals(
        Execution.COMMAND_ONLINE,
        plan(edited("  checkpoint: {every: 1m}\n", "")).terms().execution());
    // Four instances of half an hour at 0.40.
    assertEquals(Amount.of(800_000), terms.fullBudget());
    assertEquals(terms.fullBudget(), terms.leastBudget());
    assertEquals(Amount.of(5_000_000), plan.budget());
    assertTrue(plan.missingBudget().isZero());
    assertEquals(Amount.of(300_000), plan(edited("5.00", "0.50")).missingBudget());
  }

  @Test
  void aMinuteThatIsNoWholeWorkIsRoundedUp() throws Exception {
    // 1,000,000 x 7 / 60 = 116,666.7
    assertEquals(
        new WorkUnits(116_667), plan(edited("minutes: 30", "minutes: 7")).terms().shardWork());
  }

  @Test
  void whatDoesNotFitTheNetworkIsRefused() {
    assertRefused("one of the network's classes", edited("accelerator: cpu", "accelerator: tpu"));
    assertRefused("one of the network's classes", edited("accelerator: cpu", "accelerator: any"));
    assertRefused("0 an hour is none", edited("\"0.40\"", "\"0\""));
    assertRefused("spec: expected a job whose work", edited("\"0.40\"", "\"999999999999\""));
  }

  @Test
  void validatorsAcceptTheTermsOfThePlanAndNameWhatDiffers() throws Exception {
    CommandSpec spec = Commands.parse(Commands.TRAIN);
    JobTerms terms = plan(Commands.TRAIN).terms();
    assertEquals(Optional.empty(), CommandPlan.refusal(terms, spec, INPUTS, NETWORK));
    assertDiffers("shardWork", claiming(terms, new WorkUnits(1), terms.execution()));
    assertDiffers("execution", claiming(terms, terms.shardWork(), Execution.TORCH));
    // Who says that a command needs no internet would have it leased to those who give it none.
    Execution offline = Execution.COMMAND.saved(terms.execution().checkpoint().orElseThrow());
    assertDiffers("execution", claiming(terms, terms.shardWork(), offline));
    assertDiffers("execution", claiming(terms, terms.shardWork(), Execution.COMMAND_ONLINE));

    CommandInputs others = new CommandInputs(BLOB, INPUTS.files().subList(0, 1));
    assertEquals(
        Optional.of("the description does not list the job file's inputs in its order"),
        CommandPlan.refusal(terms, spec, others, NETWORK));
  }

  @Test
  void anInstantOfTheFileBindsTheTerms() throws Exception {
    CommandSpec dated = Commands.with("2h", "2030-01-31T12:00:00Z");
    assertTrue(
        CommandPlan.refusal(plan(Commands.TRAIN).terms(), dated, INPUTS, NETWORK)
            .orElseThrow()
            .startsWith("expected deadlineMillis to be 1896091200000"));
  }

  private static void assertDiffers(String field, JobTerms claimed) throws JobRefused {
    String refusal =
        CommandPlan.refusal(claimed, Commands.parse(Commands.TRAIN), INPUTS, NETWORK).orElseThrow();
    assertTrue(refusal.startsWith("expected " + field), refusal);
  }

  private static JobTerms claiming(JobTerms terms, WorkUnits work, Execution execution) {
    return new JobTerms(
        terms.name(),
        terms.resources(),
        terms.memoryMiB(),
        terms.shards(),
        terms.rounds(),
        work,
        terms.shardSteps(),
        terms.limit(),
        terms.deadlineMillis(),
        terms.audit(),
        terms.rollsBack(),
        terms.data(),
        execution);
  }

  private static String edited(String text, String other) {
    return Commands.edited(text, other);
  }

  private static CommandPlan plan(String yaml) throws JobRefused {
    return CommandPlan.of(Commands.parse(yaml), INPUTS, NETWORK, NOW);
  }

  private static void assertRefused(String what, String yaml) {
    JobRefused refused = assertThrows(JobRefused.class, () -> plan(yaml));
    assertTrue(String.valueOf(refused.getMessage()).contains(what), refused.toString());
  }
}
