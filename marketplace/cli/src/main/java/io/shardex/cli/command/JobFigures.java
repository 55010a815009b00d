package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.JobView;
import io.shardex.cli.RoundView;
import io.shardex.cli.RoundView.Score;
import io.shardex.cli.ShardView;
import io.shardex.market.Ending;
import io.shardex.market.state.Job;
import java.util.Locale;

/** Jobs as objects for programs. */
final class JobFigures {
  private JobFigures() {}

  /** A line of a list. */
  static ObjectNode line(Job job) {
    ObjectNode object =
        Screen.object()
            .put("job", job.id().toString())
            .put("name", job.terms().name())
            .put("builder", job.deposit().builder().toString())
            .put("phase", job.phase().name())
            .put("round", job.round())
            .put("rounds", job.terms().rounds())
            .put("closedRounds", job.losses().size())
            .put("settled", job.settled())
            .put("deadline", Figures.time(job.terms().deadlineMillis()));
    job.ending().ifPresent(end -> ending(object, end.why()));
    return object;
  }

  static void ending(ObjectNode object, Ending why) {
    object
        .putObject("ending")
        .put("cause", why.cause().name())
        .put("fault", why.cause().fault().name())
        .put("detail", why.detail())
        .put("nextStep", why.cause().nextStep());
  }

  /** How far a job is, as one event of a live view. */
  static ObjectNode event(String kind, JobView job) {
    return Screen.object().put("event", kind).setAll(view(job));
  }

  /** How far a job is. */
  static ObjectNode view(JobView job) {
    ObjectNode object =
        Screen.object()
            .put("job", job.id().toString())
            .put("phase", job.phase().map(Enum::name).orElse(null))
            .put("round", job.round())
            .put("rounds", job.rounds())
            .put("shardsDone", job.shardsDone())
            .put("shards", job.shards().size())
            .put("done", job.roundDone())
            .put("paid", Figures.units(job.paid()))
            .put("fees", Figures.units(job.fees()))
            .put("settled", job.settled());
    job.price().ifPresent(price -> object.put("price", Figures.units(price)));
    job.refund().ifPresent(refund -> object.put("refund", Figures.units(refund)));
    job.ending().ifPresent(why -> ending(object, why));
    return object;
  }

  static ObjectNode round(RoundView round) {
    ObjectNode object =
        Screen.object()
            .put("round", round.round())
            .put("loss", round.loss())
            .put("model", round.model().toString());
    if (round.score() instanceof Score.Tested tested) {
      object.put("accuracy", tested.accuracy()).put("testLoss", tested.loss());
    }
    return object;
  }

  static void shard(ArrayNode shards, ShardView shard) {
    ObjectNode object =
        shards.addObject().put("shard", shard.shard()).put("phase", shard.phase().name());
    shard.worker().ifPresent(by -> object.put("worker", by.toString()));
    if (shard.steps() > 0) {
      object.put("step", shard.step()).put("steps", shard.steps());
    }
  }

  /** What a round's model is worth; nothing while that is not known. */
  static String score(RoundView round) {
    return round.score() instanceof Score.Tested tested
        ? String.format(
            Locale.ROOT, "test loss %.4f  %.2f %%", tested.loss(), 100 * tested.accuracy())
        : "";
  }
}
