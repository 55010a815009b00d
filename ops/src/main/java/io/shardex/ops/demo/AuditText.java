package io.shardex.ops.demo;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.market.Event.DrawCause;
import io.shardex.market.TaskId;
import io.shardex.pricing.PartsPerMillion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Audits in words: a line for each thing found, and one for each audit under way. */
final class AuditText {
  private final Map<TaskId, String> underWay = new LinkedHashMap<>();
  private final Map<TaskId, AuditStep.Drawn> draws = new LinkedHashMap<>();

  /** The line that stays, if the step is one to tell. */
  Optional<String> take(AuditStep step) {
    return switch (step) {
      case AuditStep.Drawn drawn -> {
        draws.put(drawn.audit(), drawn);
        underWay.put(
            drawn.audit(),
            format(
                ROOT,
                "%s drawn (%s); %s",
                what(drawn.audit(), drawn.owner()),
                why(drawn),
                drawn.auditor().map(by -> by + " executes it").orElse("no auditor")));
        yield Optional.empty();
      }
      case AuditStep.Sealed sealed -> {
        underWay.put(
            sealed.audit(),
            format(
                ROOT,
                "%s sealed by %s; both reveal",
                what(sealed.audit(), sealed.owner()),
                sealed.auditor()));
        yield Optional.empty();
      }
      case AuditStep.Equal equal -> {
        underWay.remove(equal.audit());
        yield Optional.of(
            format(
                ROOT,
                "  audit    %s, %s: %s found the same",
                what(equal.audit(), equal.owner()),
                why(equal.audit()),
                equal.by()));
      }
      case AuditStep.Missed missed -> {
        underWay.remove(missed.audit());
        yield Optional.of(
            format(
                ROOT,
                "  audit    %s: %s was silent, another is drawn",
                place(missed.audit()),
                missed.auditor()));
      }
      case AuditStep.Voided voided -> {
        underWay.remove(voided.audit());
        yield Optional.empty();
      }
      case AuditStep.Disputed disputed -> {
        underWay.put(
            disputed.audit(),
            what(disputed.audit(), disputed.owner()) + " in dispute; the validators execute it");
        yield Optional.of(
            format(
                ROOT,
                "  audit    %s, %s: %s",
                what(disputed.audit(), disputed.owner()),
                why(disputed.audit()),
                found(disputed)));
      }
      case AuditStep.Judged judged -> {
        underWay.remove(judged.audit());
        yield Optional.of(
            format(ROOT, "  dispute  %s: %s", place(judged.audit()), verdict(judged)));
      }
      case AuditStep.Slashed slashed ->
          Optional.of(
              format(
                  ROOT,
                  "  slash    %s loses %s; all it was not paid for is audited",
                  slashed.owner(),
                  slashed.amount()));
      case AuditStep.Tainted tainted ->
          Optional.of(
              format(ROOT, "  taint    the model of round %d rests on a lie", tainted.round()));
      case AuditStep.RolledBack back ->
          Optional.of(
              format(
                  ROOT,
                  "  rollback to round %d, which is trained again at the liar's cost",
                  back.round()));
    };
  }

  /** A line for each audit that is not over. */
  List<String> open() {
    return new ArrayList<>(underWay.values());
  }

  private static String what(TaskId audit, String owner) {
    return place(audit) + " by " + owner;
  }

  private static String place(TaskId audit) {
    return format(ROOT, "round %2d shard %d", audit.round(), audit.shard() + 1);
  }

  private String why(TaskId audit) {
    return Optional.ofNullable(draws.get(audit)).map(AuditText::why).orElse("drawn");
  }

  private static String why(AuditStep.Drawn drawn) {
    return drawn.cause() == DrawCause.SAMPLE
        ? format(ROOT, "drawn at %.0f %%", 100.0 * drawn.rate().value() / PartsPerMillion.ONE)
        : reason(drawn.cause());
  }

  private static String reason(DrawCause cause) {
    return switch (cause) {
      case SAMPLE -> "drawn";
      case PROBATION -> "on probation";
      case VALUE_AT_RISK -> "too much at risk";
      case BEACON_BROKEN -> "beacon broken";
      case DIVERGED -> "said to diverge";
      case PROVEN_LIAR -> "of a proven liar";
      case LAST -> "last draw";
      case AUDITOR_MISSING -> "drawn again";
      case RESUMED -> "resumed";
    };
  }

  private static String found(AuditStep.Disputed disputed) {
    return switch (disputed.cause()) {
      case UNEQUAL -> disputed.auditor() + " found something else";
      case WORKER_SILENT -> disputed.owner() + " does not open its seal";
      case NO_AUDITOR -> "there is no auditor";
    };
  }

  private static String verdict(AuditStep.Judged judged) {
    if (judged.workerLied() && judged.auditorLied()) {
      return judged.owner() + " and its auditor lied";
    }
    if (judged.auditorLied()) {
      return "the auditor lied; the result of " + judged.owner() + " is true";
    }
    return judged.workerLied()
        ? judged.owner() + " lied; the validators' result takes its place"
        : "the result of " + judged.owner() + " is true";
  }
}
