package io.shardex.cli.command;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.market.ChainEvent;
import io.shardex.market.Event;
import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.Event.Failure;
import io.shardex.market.TaskId;
import io.shardex.pricing.WorkUnits;
import java.util.Optional;

/**
 * A job's events in people's words, shards counted from 1.
 *
 * @param workPerHour turns prices into those of an hour
 */
record JobStory(WorkUnits workPerHour) {
  /** The line, if the event is one to tell. */
  Optional<String> told(Event event) {
    return Optional.of(words(event)).filter(words -> !words.isEmpty());
  }

  private String words(Event event) {
    return switch (event) {
      case Event.ChainSaw saw -> chain(saw.what());
      case Event.JobSubmitted submitted ->
          format(
              ROOT,
              "submitted by %s: %s, %d shards in each of %d rounds",
              submitted.builder(),
              submitted.terms().name(),
              submitted.terms().shards(),
              submitted.terms().rounds());
      case Event.JobFunded funded -> "the validators agree with its terms; it is funded";
      case Event.RoundOpened opened -> "round " + opened.round() + " opens";
      case Event.RoundClosed closed ->
          format(
              ROOT,
              "round %d closes with %s, model %s",
              closed.round(),
              Figures.loss(Double.longBitsToDouble(closed.lossBits())),
              closed.model().brief());
      case Event.JobPaused paused ->
          "paused: the price is " + hourly(paused.price()) + ", above its limit";
      case Event.JobResumed resumed -> "goes on: the price is " + hourly(resumed.price());
      case Event.JobEnding ending ->
          "will be " + ending.phase() + ": " + Figures.ending(ending.ending());
      case Event.JobEnded ended ->
          "%s: %s; %s goes back to its builder"
              .formatted(ended.phase(), Figures.ending(ended.ending()), ended.refund());
      case Event.JobSettled settled -> "settled: the chain has confirmed every payment";
      case Event.JobArchived archived -> "has left the market's state";
      case Event.LastDrawAwaited awaited -> "one more result of each owner will be drawn";
      case Event.LastDrawMade made -> "the last draw is made";
      case Event.RoundTainted tainted ->
          "round " + tainted.round() + " is tainted: " + tainted.liar() + " lied in it";
      case Event.JobRolledBack back ->
          "round %d and what follows are trained again; work of %s is discarded"
              .formatted(back.round(), back.discarded());
      case Event.LeaseGranted granted ->
          "%s is leased to %s for %s, until %s"
              .formatted(
                  place(granted.task()),
                  granted.worker().brief(),
                  hourly(granted.price()),
                  Figures.time(granted.deadlineMillis()));
      case Event.LeaseStarted started -> place(started.task()) + " is under way";
      case Event.ResultCommitted committed -> place(committed.task()) + " has a result";
      case Event.DivergenceCommitted diverged ->
          place(diverged.task()) + " is said to diverge at step " + diverged.step();
      case Event.LeaseFailed failed ->
          "%s brought nothing (%s: %s); it is open again"
              .formatted(place(failed.task()), failed.worker().brief(), why(failed.why()));
      case Event.InstalmentPaid part ->
          "%s is saved; %s earns %s for its time until then, the network %s"
              .formatted(
                  place(part.task()), part.owner().brief(), part.split().pay(), part.split().fee());
      case Event.ShardVerified verified ->
          "%s is verified; %s earns %s, the network %s"
              .formatted(
                  place(verified.task()),
                  verified.owner().brief(),
                  verified.split().pay(),
                  verified.split().fee());
      case Event.ShardReplaced replaced ->
          place(replaced.task()) + " has the validators' own result; nobody is paid for it";
      case Event.OfAudit audit -> audit(audit);
      default -> "";
    };
  }

  private static String chain(ChainEvent what) {
    return switch (what) {
      case ChainEvent.Deposited deposited -> "a deposit is confirmed: " + deposited.amount();
      case ChainEvent.Reclaimed reclaimed ->
          "its builder took " + reclaimed.amount() + " back out of escrow";
      case ChainEvent.Shortfall shortfall ->
          "the escrow was short of %s for %s"
              .formatted(shortfall.missing(), shortfall.payee().brief());
      case ChainEvent.Staked staked -> "";
      case ChainEvent.UnstakeRequested requested -> "";
      case ChainEvent.Unstaked unstaked -> "";
      case ChainEvent.Settled settled -> "";
    };
  }

  private static String audit(Event.OfAudit event) {
    return switch (event) {
      case Event.AuditSpared spared -> "";
      case Event.ProofWaived waived ->
          place(waived.audit().training()) + ": its result stands, not proven";
      case Event.AuditDeferred deferred ->
          place(deferred.audit().training()) + " will be audited: " + why(deferred.cause());
      case Event.AuditDrawn drawn ->
          "%s is audited by %s: %s"
              .formatted(
                  place(drawn.audit().training()),
                  drawn.auditor().map(by -> by.brief()).orElse("the validators"),
                  why(drawn.cause()));
      case Event.AuditSealed sealed ->
          place(sealed.audit().training()) + ": the auditor has sealed; both open their seals";
      case Event.Revealed revealed -> "";
      case Event.AuditMissed missed ->
          place(missed.audit().training())
              + ": auditor "
              + missed.auditor().brief()
              + " was silent";
      case Event.AuditReturned returned ->
          place(returned.audit().training()) + ": auditor " + returned.auditor().brief() + " left";
      case Event.AuditVoided voided -> place(voided.audit().training()) + ": its audit is void";
      case Event.ResultProved proved ->
          place(proved.audit().training()) + ": another execution found the same";
      case Event.AuditPaid paid ->
          "%s: its auditor %s earns %s"
              .formatted(place(paid.audit().training()), paid.owner().brief(), paid.split().pay());
      case Event.DisputeOpened opened ->
          place(opened.audit().training()) + ": the validators execute it: " + why(opened.cause());
      case Event.DisputeSettled settled ->
          "%s: the validators have executed it; %s"
              .formatted(place(settled.audit().training()), verdict(settled));
      case Event.ResultRefuted refuted ->
          place(refuted.audit().training()) + ": its result was false";
      case Event.PayReversed reversed ->
          "%s: %s goes back from %s"
              .formatted(
                  place(reversed.audit().training()),
                  reversed.split().pay(),
                  reversed.owner().brief());
      case Event.LieProved lie ->
          "%s: worker %s of %s is proven to have lied"
              .formatted(place(lie.audit().training()), lie.worker().brief(), lie.owner().brief());
      case Event.OwnerSuspected suspected ->
          "every unpaid result of " + suspected.owner().brief() + " will be audited";
      case Event.StakeSlashed slashed ->
          "%s loses %s of stake".formatted(slashed.owner().brief(), slashed.amount());
      case Event.Compensated compensated ->
          "%s gets %s out of what %s lost"
              .formatted(
                  compensated.beneficiary().brief(),
                  compensated.amount(),
                  compensated.owner().brief());
      case Event.ExecutionPaid paid ->
          "validator %s gets %s for an execution"
              .formatted(paid.validator().brief(), paid.amount());
    };
  }

  private static String verdict(Event.DisputeSettled settled) {
    if (settled.workerLied()) {
      return settled.auditorLied() ? "worker and auditor said otherwise" : "the worker lied";
    }
    if (settled.misled()) {
      return "the result rests on a false checkpoint of somebody else";
    }
    return settled.auditorLied() ? "the auditor lied" : "nobody lied";
  }

  private static String why(Failure why) {
    return switch (why) {
      case EXPIRED -> "no result came in time";
      case RESULT_MISSING -> "its result is not to be found";
      case RESULT_MALFORMED -> "its result has another shape";
      case RESULT_NOT_FINITE -> "its result holds NaN or infinity";
      case LEAVING -> "its worker stops working";
      case INPUTS_UNUSABLE -> "its worker cannot use what the job brings";
      case OUT_OF_ROOM -> "its worker has not the memory or disk for it";
      case RUN_FAILED -> "its run broke off";
    };
  }

  private static String why(DrawCause cause) {
    return switch (cause) {
      case SAMPLE -> "by chance";
      case PROBATION -> "its owner has no history yet";
      case VALUE_AT_RISK -> "its owner has much unaudited pay";
      case BEACON_BROKEN -> "the beacon missed a member";
      case DIVERGED -> "it is said to have diverged";
      case PROVEN_LIAR -> "its owner was proven to have lied";
      case LAST -> "the job's last draw";
      case AUDITOR_MISSING -> "the auditor before did not answer";
      case RESUMED -> "it rests on a checkpoint of another owner";
    };
  }

  private static String why(DisputeCause cause) {
    return switch (cause) {
      case UNEQUAL -> "worker and auditor differ";
      case WORKER_SILENT -> "the worker did not open its seal";
      case NO_AUDITOR -> "there is no auditor";
    };
  }

  private static String place(TaskId task) {
    return "round %d shard %d".formatted(task.round(), task.shard() + 1)
        + (task.isAudit() ? " (audit)" : "");
  }

  private String hourly(io.shardex.pricing.UnitPrice price) {
    return Figures.hourly(price, workPerHour) + "/h";
  }
}
