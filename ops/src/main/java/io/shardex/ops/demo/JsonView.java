package io.shardex.ops.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.JobView;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.RoundView;
import io.shardex.cli.RoundView.Score;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.WorkUnits;
import io.shardex.settlement.JobPayment;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;

/**
 * The demo for programs: an object a line, its kind in {@code event}; the summary, {@code done}, is
 * the last. Amounts are strings of base units, prices of base units for 10^12 work units.
 */
final class JsonView implements DemoView {
  private final ObjectMapper json = new ObjectMapper();
  private final PrintWriter out;
  private int toldRounds;
  private int toldVerified;
  private boolean toldEnd;
  private Optional<ObjectNode> summary = Optional.empty();

  JsonView(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void note(String what) {
    tell(event("note").put("text", what));
  }

  @Override
  public void ready(double seconds) {
    tell(event("ready").put("seconds", seconds));
  }

  @Override
  public void planned(PlannedJob job, WorkUnits workPerHour, Map<Address, String> workers) {
    tell(
        event("planned")
            .put("job", job.id().toString())
            .put("rounds", job.terms().rounds())
            .put("shards", job.terms().shards())
            .put("workPerHour", Long.toString(workPerHour.count()))
            .put("budget", Long.toString(job.budget().units()))
            .put("costWithoutAudits", Long.toString(job.leastBudget().units()))
            .put("costWithAllAudits", Long.toString(job.fullBudget().units()))
            .put("refundAt", job.refundAt().toString()));
  }

  @Override
  public void submission(SubmissionStep step) {
    switch (step) {
      case SubmissionStep.LookingForDeposit looking ->
          tell(event("lookingForDeposit").put("job", looking.job().toString()));
      case SubmissionStep.Paying paying ->
          tell(
              event("paying")
                  .put("job", paying.job().toString())
                  .put("amount", Long.toString(paying.budget().units())));
      case SubmissionStep.Paid paid ->
          tell(
              event("paid")
                  .put("job", paid.job().toString())
                  .put("transaction", paid.transaction()));
      case SubmissionStep.Confirming confirming ->
          tell(event("confirming").put("job", confirming.job().toString()));
      case SubmissionStep.Uploading uploading -> {
        if (uploading.doneBytes() == uploading.totalBytes()) {
          tell(
              event("uploaded").put("what", uploading.what()).put("bytes", uploading.totalBytes()));
        }
      }
      case SubmissionStep.Submitted submitted ->
          tell(event("submitted").put("job", submitted.job().toString()));
    }
  }

  @Override
  public void job(JobView job) {
    toldRounds = Math.min(toldRounds, job.closed().size());
    while (toldRounds < job.closed().size()
        && !(job.closed().get(toldRounds).score() instanceof Score.Pending)) {
      tell(round(job.closed().get(toldRounds)));
      toldRounds++;
    }
    if (job.verified() != toldVerified) {
      toldVerified = job.verified();
      ObjectNode shards =
          event("shards")
              .put("round", job.round())
              .put("done", job.shardsDone())
              .put("of", job.shards().size())
              .put("spent", Long.toString(job.spent().units()));
      job.price().ifPresent(price -> shards.put("price", Long.toString(price.perTeraWork())));
      tell(shards);
    }
    if (job.ended() && !toldEnd) {
      toldEnd = true;
      tell(event("ended").put("phase", job.phase().orElseThrow().name()));
    }
  }

  private ObjectNode round(RoundView round) {
    ObjectNode event = event("round").put("round", round.round()).put("shards", round.shards());
    event.put("loss", round.loss());
    round.price().ifPresent(price -> event.put("price", Long.toString(price.perTeraWork())));
    switch (round.score()) {
      case Score.Pending pending -> event.putNull("accuracy");
      case Score.Tested tested ->
          event.put("accuracy", tested.accuracy()).put("testLoss", tested.loss());
      case Score.Unknown unknown -> event.putNull("accuracy").put("why", unknown.why());
    }
    return event;
  }

  @Override
  public void audit(AuditStep step) {
    switch (step) {
      case AuditStep.Drawn drawn ->
          tell(
              of("drawn", drawn.audit())
                  .put("owner", drawn.owner())
                  .put("cause", drawn.cause().name())
                  .put("rate", (double) drawn.rate().value() / PartsPerMillion.ONE)
                  .put("auditor", drawn.auditor().orElse(null)));
      case AuditStep.Sealed sealed ->
          tell(of("sealed", sealed.audit()).put("auditor", sealed.auditor()));
      case AuditStep.Equal equal ->
          tell(of("equal", equal.audit()).put("owner", equal.owner()).put("by", equal.by()));
      case AuditStep.Missed missed ->
          tell(of("auditMissed", missed.audit()).put("auditor", missed.auditor()));
      case AuditStep.Voided voided -> tell(of("auditVoided", voided.audit()));
      case AuditStep.Disputed disputed ->
          tell(
              of("disputed", disputed.audit())
                  .put("owner", disputed.owner())
                  .put("cause", disputed.cause().name()));
      case AuditStep.Judged judged ->
          tell(
              of("judged", judged.audit())
                  .put("owner", judged.owner())
                  .put("workerLied", judged.workerLied())
                  .put("auditorLied", judged.auditorLied()));
      case AuditStep.Slashed slashed ->
          tell(
              event("slashed")
                  .put("owner", slashed.owner())
                  .put("amount", Long.toString(slashed.amount().units())));
      case AuditStep.Tainted tainted -> tell(event("tainted").put("round", tainted.round()));
      case AuditStep.RolledBack back -> tell(event("rolledBack").put("round", back.round()));
    }
  }

  private ObjectNode of(String kind, TaskId audit) {
    return event(kind).put("round", audit.round()).put("shard", audit.shard() + 1);
  }

  @Override
  public void done(DemoResult result) {
    ObjectNode done = event("done").put("accuracy", result.accuracy());
    var payments = done.putArray("payments");
    for (JobPayment payment : result.chain().payments()) {
      payments
          .addObject()
          .put("payee", payment.payee().toString())
          .put("name", result.nameOf(payment.payee()))
          .put("refund", payment.kind() == JobPayment.Kind.REFUND)
          .put("amount", Long.toString(payment.amount().units()))
          .put("transaction", payment.transaction());
    }
    done.put("model", result.model().toString()).put("metrics", result.metrics().toString());
    done.put("seconds", result.seconds().total());
    summary = Optional.of(done);
  }

  @Override
  public void plain(int roundsDone, int rounds) {
    tell(event("plainTraining").put("round", roundsDone).put("of", rounds));
  }

  @Override
  public void compared(DemoResult result, PlainRun plain) {
    ObjectNode event = event("report");
    event.set("report", DemoReport.of(result, plain));
    tell(event);
  }

  @Override
  public void end() {
    summary.ifPresent(this::tell);
  }

  private ObjectNode event(String kind) {
    return json.createObjectNode().put("event", kind);
  }

  private synchronized void tell(ObjectNode event) {
    out.println(event);
    out.flush();
  }
}
