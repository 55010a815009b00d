package io.shardex.cli;

import io.shardex.cli.RoundView.Score;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.ShardProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reduces what is heard of one job to {@link JobView}s. For one thread. */
final class JobCourse {
  private final JobId id;
  private final int rounds;
  private final int shardsPerRound;
  private final List<ShardView> shards = new ArrayList<>();
  private final List<RoundView> closed = new ArrayList<>();
  private Optional<JobPhase> phase = Optional.empty();
  private final Map<Digest, Score> scores = new HashMap<>();
  private final Map<TaskId, Long> fences = new HashMap<>();
  private int round;
  private Optional<UnitPrice> price = Optional.empty();
  private Amount paid = Amount.ZERO;
  private Amount fees = Amount.ZERO;
  private int verified;
  private int rejected;
  private Optional<Ending> ending = Optional.empty();
  private Optional<Amount> refund = Optional.empty();
  private boolean settled;
  private long knownIndex = -1;

  JobCourse(JobId id, int rounds, int shardsPerRound) {
    this.id = id;
    this.rounds = rounds;
    this.shardsPerRound = shardsPerRound;
  }

  JobView view() {
    return new JobView(
        id, phase, round, rounds, shards, closed, price, paid, fees, verified, rejected, ending,
        refund, settled);
  }

  /** Takes in events of this job unless the state they led to is known already. */
  void heard(long index, List<Event> events) {
    if (index > knownIndex) {
      events.forEach(this::heard);
    }
  }

  private void heard(Event event) {
    switch (event) {
      case Event.JobSubmitted submitted -> phase = Optional.of(JobPhase.SUBMITTED);
      case Event.JobFunded funded -> phase = Optional.of(JobPhase.FUNDED);
      case Event.RoundOpened opened -> open(opened.round());
      case Event.LeaseGranted granted when granted.task().isAudit() -> {
        // A paused or ended job may still be audited.
      }
      case Event.LeaseGranted granted -> {
        phase = Optional.of(JobPhase.RUNNING);
        price = Optional.of(granted.price());
        fences.put(granted.task(), granted.fence());
        change(granted.task(), shard -> shard.leased(granted.worker()));
      }
      case Event.ResultCommitted committed ->
          change(committed.task(), shard -> shard.in(TaskPhase.COMMITTED));
      case Event.DivergenceCommitted committed ->
          change(committed.task(), shard -> shard.in(TaskPhase.COMMITTED));
      case Event.DisputeOpened disputed -> audited(disputed.audit(), TaskPhase.DISPUTED);
      case Event.ResultProved proved -> audited(proved.audit(), TaskPhase.COMMITTED);
      case Event.ResultRefuted refuted -> {
        rejected++;
        audited(refuted.audit(), TaskPhase.COMMITTED);
      }
      case Event.AuditPaid audit -> pay(audit.split());
      case Event.PayReversed back -> {
        Amount fee = back.split().fee().min(fees);
        paid = paid.minus(back.split().pay());
        fees = fees.minus(fee);
        refund = refund.map(already -> already.plus(back.split().pay()).plus(fee));
      }
      case Event.ExecutionPaid execution -> {
        paid = paid.plus(execution.amount());
        fees = fees.minus(execution.amount());
      }
      case Event.ShardReplaced replaced -> {
        verified++;
        change(replaced.task(), shard -> shard.in(TaskPhase.VERIFIED));
      }
      case Event.JobRolledBack back -> {
        closed.subList(back.round() - 1, closed.size()).clear();
        verified = closed.size() * shardsPerRound;
      }
      case Event.LeaseFailed failed -> {
        rejected += isRejection(failed.why()) ? 1 : 0;
        change(failed.task(), shard -> ShardView.open(shard.shard()));
      }
      case Event.InstalmentPaid part -> pay(part.split());
      case Event.ShardVerified done -> {
        verified++;
        pay(done.split());
        change(done.task(), shard -> shard.in(TaskPhase.VERIFIED));
      }
      case Event.RoundClosed done ->
          closed.add(
              new RoundView(
                  done.round(),
                  done.model(),
                  Double.longBitsToDouble(done.lossBits()),
                  view().shardsDone(),
                  price,
                  scores.getOrDefault(done.model(), new Score.Pending())));
      case Event.JobPaused paused -> {
        phase = Optional.of(JobPhase.PAUSED);
        price = Optional.of(paused.price());
      }
      case Event.JobResumed resumed -> {
        phase = Optional.of(JobPhase.RUNNING);
        price = Optional.of(resumed.price());
      }
      case Event.JobEnding ends -> ending = Optional.of(ends.ending());
      case Event.JobEnded ended -> {
        phase = Optional.of(ended.phase());
        ending = Optional.of(ended.ending());
        refund = Optional.of(ended.refund());
      }
      case Event.JobSettled done -> settled = true;
      default -> {
        // Prices, beats, facts and other jobs' events tell nothing of this job's course.
      }
    }
  }

  private static boolean isRejection(Event.Failure why) {
    return switch (why) {
      case EXPIRED, LEAVING, INPUTS_UNUSABLE, OUT_OF_ROOM, RUN_FAILED -> false;
      case RESULT_MISSING, RESULT_MALFORMED, RESULT_NOT_FINITE -> true;
    };
  }

  private void open(int opened) {
    round = opened;
    shards.clear();
    for (int shard = 0; shard < shardsPerRound; shard++) {
      shards.add(ShardView.open(shard));
    }
  }

  /** An audit may be of a result that its shard has no more, since its round is trained again. */
  private void audited(TaskId audit, TaskPhase next) {
    if (fences.getOrDefault(audit.training(), 0L) == audit.audited()) {
      change(
          audit.training(),
          shard ->
              shard.phase() == TaskPhase.COMMITTED || shard.phase() == TaskPhase.DISPUTED
                  ? shard.in(next)
                  : shard);
    }
  }

  private void pay(FeeSplit split) {
    paid = paid.plus(split.pay());
    fees = fees.plus(split.fee());
  }

  private void change(TaskId task, UnaryOperator<ShardView> next) {
    if (!task.isAudit() && task.round() == round && task.shard() < shards.size()) {
      shards.set(task.shard(), next.apply(shards.get(task.shard())));
    }
  }

  /** Starts anew from the market's state, since events were left out. */
  void resync(JobAccount account) {
    knownIndex = account.index();
    Job job = account.job();
    phase = Optional.of(job.phase());
    open(job.round());
    closed.subList(known(job), closed.size()).clear();
    account.tasks().forEach(this::take);
    for (int done = closed.size(); done < job.losses().size(); done++) {
      closed.add(
          new RoundView(
              done + 1,
              job.models().get(done + 1),
              Double.longBitsToDouble(job.losses().get(done)),
              shardsPerRound,
              Optional.empty(),
              scores.getOrDefault(job.models().get(done + 1), new Score.Pending())));
    }
    paid = account.paid().values().stream().reduce(Amount.ZERO, Amount::plus);
    fees = account.fees();
    verified = closed.size() * shardsPerRound + (closed.size() < round ? view().shardsDone() : 0);
    ending = job.ending().map(Job.JobEnd::why);
    refund = job.phase().ended() ? Optional.of(account.refunded()) : Optional.empty();
    settled = job.settled();
  }

  /** How many of the closed rounds are still those of the job; others were trained again. */
  private int known(Job job) {
    int same = 0;
    while (same < Math.min(closed.size(), job.losses().size())
        && closed.get(same).model().equals(job.models().get(same + 1))) {
      same++;
    }
    return same;
  }

  private void take(Task task) {
    fences.put(task.id(), task.fence());
    ShardView open = ShardView.open(task.id().shard());
    shards.set(
        task.id().shard(),
        task.lease().map(lease -> open.leased(lease.worker())).orElse(open).in(task.phase()));
    task.lease().ifPresent(lease -> price = Optional.of(lease.price()));
  }

  /** Takes in what the agents say of the open round; true if that changes anything. */
  boolean progressed(List<ShardProgress> said) {
    List<ShardView> before = List.copyOf(shards);
    for (ShardProgress one : said) {
      change(
          one.task(),
          shard ->
              shard.worker().filter(one.worker()::equals).isPresent()
                  ? shard.at(one.step(), one.steps())
                  : shard);
    }
    return !before.equals(shards);
  }

  /** Takes in a model's score; a round that is trained again may come to the same model. */
  void scored(Digest model, Score score) {
    scores.put(model, score);
    closed.replaceAll(one -> one.model().equals(model) ? one.with(score) : one);
  }
}
