package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.ops.demo.AuditStory.Lies;
import io.shardex.ops.localnet.Liar;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditStoryTest {
  private static final JobId JOB = new JobId(Digest.sha256(new byte[] {1}));
  private static final Address LIAR = SampleResult.MALLORY.address();
  private static final Address ADA = SampleResult.ADA.address();
  private static final Address LIARS_WORKER = new Address(0, 0, 21);
  private static final Address ADAS_WORKER = new Address(0, 0, 22);
  private static final Amount STAKE = Amount.of(5_000_000);
  private static final FactValue.Executed TRUTH =
      new FactValue.Executed(Digest.ZERO, Digest.ZERO, Optional.empty());

  private final List<AuditStep> told = new ArrayList<>();
  private final AuditStory story =
      new AuditStory(
          List.of(SampleResult.ADA, SampleResult.MALLORY),
          Map.of(LIARS_WORKER, "mallory", ADAS_WORKER, "ada"),
          told::add);
  private long index;

  private void hear(Event... events) {
    story.committed(new Stamp(index++, 0), List.of(events));
  }

  /** The result of the liar's lease of this shard; its audit's id. */
  private TaskId result(int shard) {
    return result(shard, LIARS_WORKER, LIAR);
  }

  private TaskId result(int shard, Address worker, Address owner) {
    TaskId task = new TaskId(JOB, 2, shard);
    hear(new Event.LeaseGranted(task, 4, worker, owner, new UnitPrice(1), Amount.of(9), 9));
    return task.audit(4);
  }

  private void spared(TaskId audit, int percent) {
    hear(new Event.AuditSpared(audit, percent(percent)));
  }

  private void drawn(TaskId audit, DrawCause cause, int percent) {
    hear(
        new Event.AuditDrawn(
            audit,
            cause,
            percent(percent),
            Optional.of(ADAS_WORKER),
            new UnitPrice(1),
            Amount.ZERO));
  }

  private void refuted(TaskId audit) {
    hear(
        new Event.DisputeOpened(audit, DisputeCause.UNEQUAL),
        new Event.DisputeSettled(audit, TRUTH, true, false, false),
        new Event.LieProved(audit, LIARS_WORKER, LIAR),
        new Event.StakeSlashed(LIAR, STAKE),
        new Event.ResultRefuted(audit, Digest.ZERO, Optional.empty()));
  }

  private static PartsPerMillion percent(int percent) {
    return new PartsPerMillion(10_000 * percent);
  }

  private Lies lies(TaskId... audits) {
    return story.lies(
        Arrays.stream(audits)
            .map(audit -> new Liar.Told(audit.training(), audit.audited(), Liar.Lie.SCALED_UPDATE))
            .toList(),
        LIAR);
  }

  @Test
  void aLiesAuditIsToldFromTheDrawToTheSlash() {
    TaskId audit = result(3);
    drawn(audit, DrawCause.SAMPLE, 50);
    hear(new Event.AuditSealed(audit, 1, Digest.ZERO, 9));
    refuted(audit);

    assertEquals(
        List.of(
            new AuditStep.Drawn(
                audit, "mallory", DrawCause.SAMPLE, percent(50), Optional.of("ada")),
            new AuditStep.Sealed(audit, "mallory", "ada"),
            new AuditStep.Disputed(audit, "mallory", "ada", DisputeCause.UNEQUAL),
            new AuditStep.Judged(audit, "mallory", true, "the validators", false),
            new AuditStep.Slashed("mallory", STAKE)),
        told);
  }

  @Test
  void whatHappensToAnHonestResultIsToldToo() {
    TaskId audit = result(0, ADAS_WORKER, ADA);
    hear(
        new Event.AuditDrawn(
            audit,
            DrawCause.PROBATION,
            percent(100),
            Optional.of(LIARS_WORKER),
            new UnitPrice(1),
            Amount.ZERO),
        new Event.AuditMissed(audit, LIARS_WORKER, LIAR),
        new Event.AuditDrawn(
            audit,
            DrawCause.AUDITOR_MISSING,
            percent(100),
            Optional.empty(),
            new UnitPrice(1),
            Amount.ZERO),
        new Event.DisputeOpened(audit, DisputeCause.NO_AUDITOR),
        new Event.DisputeSettled(audit, TRUTH, false, false, false),
        new Event.ResultProved(audit),
        new Event.RoundTainted(JOB, 1, LIAR),
        new Event.JobRolledBack(JOB, 1, Amount.of(1)),
        new Event.AuditVoided(audit));

    assertEquals(
        List.of(
            new AuditStep.Drawn(
                audit, "ada", DrawCause.PROBATION, percent(100), Optional.of("mallory")),
            new AuditStep.Missed(audit, "mallory"),
            new AuditStep.Drawn(
                audit, "ada", DrawCause.AUDITOR_MISSING, percent(100), Optional.empty()),
            new AuditStep.Disputed(audit, "ada", "the validators", DisputeCause.NO_AUDITOR),
            new AuditStep.Judged(audit, "ada", false, "the validators", false),
            new AuditStep.Equal(audit, "ada", "the validators"),
            new AuditStep.Tainted(1),
            new AuditStep.RolledBack(1),
            new AuditStep.Voided(audit)),
        told);
  }

  @Test
  void theTallyCountsEachResultOnceAndSlashesByOwner() {
    TaskId lie = result(0);
    TaskId honest = result(1, ADAS_WORKER, ADA);
    TaskId left = result(2, ADAS_WORKER, ADA);
    drawn(lie, DrawCause.SAMPLE, 50);
    drawn(honest, DrawCause.PROBATION, 100);
    drawn(honest, DrawCause.AUDITOR_MISSING, 100);
    hear(new Event.ResultProved(honest));
    spared(left, 50);
    refuted(lie);
    hear(new Event.StakeSlashed(LIAR, Amount.of(1)), new Event.RoundTainted(JOB, 1, LIAR));

    AuditStory.Tally tally = story.tally();
    assertEquals(
        new AuditStory.Tally(2, 1, 1, List.of(1), Map.of(LIAR, STAKE.plus(Amount.of(1)))), tally);
    assertEquals(Amount.ZERO, tally.slashedFrom(ADA));
    assertEquals(STAKE.plus(Amount.of(1)), tally.slashedFrom(LIAR));
  }

  @Test
  void liesThatWereMadeDrawnAndProvedAreCountedApart() {
    TaskId proved = result(0);
    TaskId open = result(1);
    TaskId missed = result(2);
    TaskId unheard = new TaskId(JOB, 9, 9).audit(1);
    drawn(proved, DrawCause.SAMPLE, 50);
    drawn(open, DrawCause.SAMPLE, 50);
    spared(missed, 50);
    refuted(proved);

    Lies lies = lies(proved, open, missed, unheard);

    assertEquals(4, lies.made());
    assertEquals(2, lies.drawn());
    assertEquals(1, lies.proved());
  }

  @Test
  void noLiesMissForSureAndOnlyLiesNever() {
    assertEquals(1, lies().missProbability());

    TaskId lie = result(0);
    spared(lie, 20);
    // The last draw has nothing but this lie to take.
    assertEquals(0, lies(lie).missProbability());
  }

  @Test
  void liesAreMissedIfNoneIsDrawnAndTheLastDrawTakesAnHonestResult() {
    TaskId first = result(0);
    TaskId second = result(1);
    spared(first, 20);
    drawn(second, DrawCause.SAMPLE, 50);
    for (int shard = 2; shard < 5; shard++) {
      spared(result(shard), 50);
    }
    // 0.8 x 0.5 that neither is drawn; of the five results left, three are honest.
    assertEquals(0.8 * 0.5 * 3 / 5, lies(first, second).missProbability(), 1e-12);
  }

  @Test
  void resultsThatWereSureToBeAuditedAndThoseOfOthersAreNotInTheLastDraw() {
    TaskId lie = result(0);
    spared(lie, 20);
    drawn(result(1), DrawCause.PROBATION, 100);
    spared(result(2, ADAS_WORKER, ADA), 20);
    assertEquals(0, lies(lie).missProbability());

    spared(result(3), 20);
    assertEquals(0.8 / 2, lies(lie).missProbability(), 1e-12);
  }

  @Test
  void aLieThatIsAuditedForSureIsNeverMissed() {
    TaskId sure = result(0);
    drawn(sure, DrawCause.PROBATION, 100);
    spared(result(1), 20);

    assertEquals(0, lies(sure).missProbability());
  }

  @Test
  void theFirstDrawOfAResultIsItsChance() {
    TaskId lie = result(0);
    spared(lie, 20);
    drawn(lie, DrawCause.LAST, 100);
    spared(result(1), 20);

    assertEquals(0.8 / 2, lies(lie).missProbability(), 1e-12);
  }

  @Test
  void drawsThatCameOfAProofCountForNothing() {
    TaskId first = result(0);
    TaskId before = result(1);
    drawn(first, DrawCause.SAMPLE, 50);
    refuted(first);
    // It waited for its draw when the first was proved.
    drawn(before, DrawCause.PROVEN_LIAR, 100);
    // Its owner's probation starts anew, and this one was only told then.
    TaskId after = result(2);
    drawn(after, DrawCause.PROBATION, 100);
    spared(result(3), 50);

    assertEquals(0.5 * 1 / 4, lies(first, before, after).missProbability(), 1e-12);
  }

  @Test
  void theStoryIsOverWhenTheJobIsSettled() throws Exception {
    assertFalse(story.awaitSettled(JOB, 0));
    hear(new Event.JobSettled(JOB));
    assertTrue(story.awaitSettled(JOB, 0));
    assertFalse(story.awaitSettled(new JobId(Digest.ZERO), 0));
  }
}
