package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditTextTest {
  private static final TaskId AUDIT = new TaskId(new JobId(Digest.ZERO), 2, 2).audit(5);

  private final AuditText text = new AuditText();

  private static AuditStep.Drawn drawn(DrawCause cause, String auditor) {
    return new AuditStep.Drawn(
        AUDIT,
        "mallory",
        cause,
        new PartsPerMillion(500_000),
        Optional.of(auditor).filter(name -> !name.isEmpty()));
  }

  @Test
  void anAuditUnderWayHasALineUntilItIsOver() {
    assertEquals(Optional.empty(), text.take(drawn(DrawCause.SAMPLE, "ada")));
    assertEquals(
        List.of("round  2 shard 3 by mallory drawn (drawn at 50 %); ada executes it"), text.open());

    assertEquals(Optional.empty(), text.take(new AuditStep.Sealed(AUDIT, "mallory", "ada")));
    assertEquals(List.of("round  2 shard 3 by mallory sealed by ada; both reveal"), text.open());

    assertEquals(
        Optional.of("  audit    round  2 shard 3 by mallory, drawn at 50 %: ada found the same"),
        text.take(new AuditStep.Equal(AUDIT, "mallory", "ada")));
    assertEquals(List.of(), text.open());
  }

  @Test
  void aLieIsToldAsDisputeVerdictAndSlash() {
    text.take(drawn(DrawCause.LAST, "ada"));

    assertEquals(
        Optional.of("  audit    round  2 shard 3 by mallory, last draw: ada found something else"),
        text.take(new AuditStep.Disputed(AUDIT, "mallory", "ada", DisputeCause.UNEQUAL)));
    assertEquals(
        List.of("round  2 shard 3 by mallory in dispute; the validators execute it"), text.open());
    assertEquals(
        Optional.of(
            "  dispute  round  2 shard 3: mallory lied; the validators' result takes its place"),
        text.take(new AuditStep.Judged(AUDIT, "mallory", true, "ada", false)));
    assertEquals(List.of(), text.open());
    assertEquals(
        Optional.of("  slash    mallory loses 5.000000; all it was not paid for is audited"),
        text.take(new AuditStep.Slashed("mallory", Amount.of(5_000_000))));
  }

  @Test
  void everyVerdictNamesWhoLied() {
    assertEquals("  dispute  round  2 shard 3: mallory and its auditor lied", verdict(true, true));
    assertEquals(
        "  dispute  round  2 shard 3: the auditor lied; the result of mallory is true",
        verdict(false, true));
    assertEquals(
        "  dispute  round  2 shard 3: the result of mallory is true", verdict(false, false));
  }

  private String verdict(boolean workerLied, boolean auditorLied) {
    return text.take(new AuditStep.Judged(AUDIT, "mallory", workerLied, "ada", auditorLied))
        .orElseThrow();
  }

  @Test
  void silenceIsNamedOnEitherSide() {
    text.take(drawn(DrawCause.PROBATION, ""));
    assertEquals(
        List.of("round  2 shard 3 by mallory drawn (on probation); no auditor"), text.open());
    assertEquals(
        Optional.of("  audit    round  2 shard 3 by mallory, on probation: there is no auditor"),
        text.take(new AuditStep.Disputed(AUDIT, "mallory", "-", DisputeCause.NO_AUDITOR)));
    assertEquals(
        Optional.of(
            "  audit    round  2 shard 3 by mallory, on probation:"
                + " mallory does not open its seal"),
        text.take(new AuditStep.Disputed(AUDIT, "mallory", "ada", DisputeCause.WORKER_SILENT)));
    assertEquals(
        Optional.of("  audit    round  2 shard 3: ada was silent, another is drawn"),
        text.take(new AuditStep.Missed(AUDIT, "ada")));
    assertEquals(List.of(), text.open());
  }

  @Test
  void anAuditOfNothingIsOverWithoutAWord() {
    text.take(drawn(DrawCause.SAMPLE, "ada"));

    assertEquals(Optional.empty(), text.take(new AuditStep.Voided(AUDIT)));
    assertEquals(List.of(), text.open());
  }

  @Test
  void taintAndRollbackAreTold() {
    assertEquals(
        Optional.of("  taint    the model of round 3 rests on a lie"),
        text.take(new AuditStep.Tainted(3)));
    assertEquals(
        Optional.of("  rollback to round 3, which is trained again at the liar's cost"),
        text.take(new AuditStep.RolledBack(3)));
  }

  @ParameterizedTest
  @EnumSource
  void everyCauseOfADrawHasWordsThatFitTheLine(DrawCause cause) {
    text.take(drawn(cause, "ada"));
    String line = text.take(new AuditStep.Equal(AUDIT, "mallory", "the validators")).orElseThrow();

    assertFalse(line.contains(cause.name()), line);
    assertTrue(line.length() <= 100, line);
  }

  @Test
  void eachStepIsAnEventInJson() {
    StringWriter out = new StringWriter();
    JsonView view = new JsonView(new PrintWriter(out, true));
    List<AuditStep> steps = new ArrayList<>();
    steps.add(drawn(DrawCause.SAMPLE, "ada"));
    steps.add(drawn(DrawCause.AUDITOR_MISSING, ""));
    steps.add(new AuditStep.Sealed(AUDIT, "mallory", "ada"));
    steps.add(new AuditStep.Equal(AUDIT, "mallory", "ada"));
    steps.add(new AuditStep.Missed(AUDIT, "ada"));
    steps.add(new AuditStep.Voided(AUDIT));
    steps.add(new AuditStep.Disputed(AUDIT, "mallory", "ada", DisputeCause.UNEQUAL));
    steps.add(new AuditStep.Judged(AUDIT, "mallory", true, "ada", false));
    steps.add(new AuditStep.Slashed("mallory", Amount.of(5_000_000)));
    steps.add(new AuditStep.Tainted(2));
    steps.add(new AuditStep.RolledBack(2));

    steps.forEach(view::audit);

    assertEquals(
        """
        {"event":"drawn",PLACE,"owner":"mallory","cause":"SAMPLE","rate":0.5,"auditor":"ada"}
        {"event":"drawn",PLACE,"owner":"mallory","cause":"AUDITOR_MISSING","rate":0.5,\
        "auditor":null}
        {"event":"sealed",PLACE,"auditor":"ada"}
        {"event":"equal",PLACE,"owner":"mallory","by":"ada"}
        {"event":"auditMissed",PLACE,"auditor":"ada"}
        {"event":"auditVoided",PLACE}
        {"event":"disputed",PLACE,"owner":"mallory","cause":"UNEQUAL"}
        {"event":"judged",PLACE,"owner":"mallory","workerLied":true,"auditorLied":false}
        {"event":"slashed","owner":"mallory","amount":"5000000"}
        {"event":"tainted","round":2}
        {"event":"rolledBack","round":2}
        """
            .replace("PLACE", "\"round\":2,\"shard\":3"),
        out.toString().replace(System.lineSeparator(), "\n"));
  }
}
