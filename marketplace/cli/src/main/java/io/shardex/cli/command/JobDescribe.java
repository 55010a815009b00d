package io.shardex.cli.command;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.JobHistory;
import io.shardex.cli.JobView;
import io.shardex.market.CheckpointEvery;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.Execution;
import io.shardex.market.JobId;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.market.state.Job;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.ShardProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex job describe}. */
@Command(
    name = "describe",
    description = "Shows all there is to know of a job: state, reasons, shards, rounds, money.",
    footer = {
      "  shardex job describe 1f3a         a beginning of the id is enough",
      "  shardex job describe 1f3a -o json",
    })
final class JobDescribe extends NetworkCommand {
  @Parameters(paramLabel = "ID", description = "The job's id, or a unique beginning of it.")
  private String job;

  // picocli fills the id in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobDescribe(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    JobId id = session.job(job);
    Optional<JobAccount> account = session.account(id);
    if (account.isPresent()) {
      WorkUnits hour = session.workPerHour(account.get().job().terms().resources());
      Map<TaskId, ShardProgress> live =
          session.market().progress(id).stream()
              .collect(Collectors.toMap(ShardProgress::task, Function.identity()));
      describe(account.get(), live, hour, screen);
    } else {
      JobHistory history = JobHistory.read(session.market(), id, JobHistory.QUIET);
      JobView view = history.view().orElseThrow(() -> Session.unknownJob(id));
      describe(view, history.submission().orElseThrow(), screen);
    }
  }

  private static void describe(
      JobAccount account, Map<TaskId, ShardProgress> live, WorkUnits hour, Screen screen) {
    Job job = account.job();
    ObjectNode object = JobFigures.line(job);
    screen.line("job       " + job.id());
    screen.line("name      " + job.terms().name());
    screen.line("builder   " + job.deposit().builder());
    screen.line(
        "state     "
            + job.phase()
            + (job.settled() ? ", settled on chain" : job.phase().ended() ? ", being paid" : ""));
    job.ending().ifPresent(end -> reason(end.why(), screen));
    screen.line("deadline  " + Figures.time(job.terms().deadlineMillis()));
    screen.line("limit     " + Figures.hourly(job.terms().limit(), hour) + " a slot-hour");
    proof(job, hour, object, screen);
    saved(job, object, screen);
    rounds(job, object, screen);
    shards(account.tasks(), live, hour, object, screen);
    money(account, object, screen);
    screen.object(object);
  }

  private static void proof(Job job, WorkUnits hour, ObjectNode object, Screen screen) {
    Execution execution = job.terms().execution();
    object.put("proven", execution.isProvable()).put("runtime", execution.runtime().name());
    if (!execution.isProvable()) {
      screen.line("proof     " + Figures.UNPROVEN);
    }
    if (execution.isTimed()) {
      screen.line(
          "pay       by time from a lease's start to its result%s; nobody verifies what ran"
              .formatted(
                  execution.checkpoint().isPresent() ? ", a part each time it is saved" : ""));
    }
    if (execution.runtime() == RuntimeKind.SANDBOX_ONLINE) {
      screen.line("network   needed: only workers whose owners allow that run it");
    }
    if (execution.runtime() == RuntimeKind.TORCH) {
      screen.line("model     its builder's own, in TorchScript; workers train it with libtorch");
      screen.line("pay       " + Figures.declared(job.terms(), hour));
    }
  }

  private static void saved(Job job, ObjectNode object, Screen screen) {
    Optional<CheckpointEvery> every = job.terms().execution().checkpoint();
    every.ifPresent(interval -> object.put("checkpointEvery", interval.toString()));
    screen.line(
        every
            .map(
                interval ->
                    "saved     every %s: a lease that is lost costs that, and what is under way"
                        .formatted(interval))
            .orElse("saved     never: a lease that is lost costs its whole shard"));
  }

  private static void reason(Ending why, Screen screen) {
    screen.line("reason    " + why.cause() + ": " + why.detail());
    screen.line("fault     " + why.cause().fault());
    screen.line("next      " + why.cause().nextStep());
  }

  private static void rounds(Job job, ObjectNode object, Screen screen) {
    ArrayNode rounds = object.putArray("closed");
    screen.line("rounds    %d of %d closed".formatted(job.losses().size(), job.terms().rounds()));
    for (int i = 0; i < job.losses().size(); i++) {
      double loss = Double.longBitsToDouble(job.losses().get(i));
      String model = job.models().get(i + 1).toString();
      boolean tainted = job.doubt().tainted().contains(i + 1);
      rounds
          .addObject()
          .put("round", i + 1)
          .put("loss", loss)
          .put("model", model)
          .put("lieFound", tainted);
      screen.line(
          job.terms().execution().runtime().runsCommands()
              ? "  outputs   index " + model.substring(2, 10)
              : format(
                  ROOT,
                  "  round %2d  loss %.4f  model %s%s",
                  i + 1,
                  loss,
                  model.substring(2, 10),
                  tainted ? "  (a lie was found in it)" : ""));
    }
  }

  private static void shards(
      List<Task> tasks,
      Map<TaskId, ShardProgress> live,
      WorkUnits hour,
      ObjectNode object,
      Screen screen) {
    ArrayNode shards = object.putArray("shards");
    List<List<String>> rows = new ArrayList<>();
    for (Task task : tasks) {
      Optional<ShardProgress> at =
          Optional.ofNullable(live.get(task.id())).filter(said -> said.fence() == task.fence());
      ObjectNode shard =
          shards
              .addObject()
              .put("shard", task.id().shard())
              .put("phase", task.phase().name())
              .put("leases", task.fence());
      task.lease()
          .ifPresent(
              lease ->
                  shard
                      .put("worker", lease.worker().toString())
                      .put("owner", lease.owner().toString())
                      .put("price", Figures.units(lease.price())));
      at.ifPresent(said -> shard.put("step", said.step()).put("steps", said.steps()));
      int saved = task.savedSteps();
      if (task.phase() == TaskPhase.LEASED) {
        shard.put("savedStep", saved);
        at.ifPresent(said -> shard.put("unsavedSteps", unsaved(said, saved)));
      }
      rows.add(
          List.of(
              "  " + (task.id().shard() + 1),
              task.phase().name(),
              task.lease().map(lease -> lease.worker().brief()).orElse("-"),
              task.lease().map(lease -> Figures.hourly(lease.price(), hour)).orElse("-"),
              at.map(said -> said.step() + "/" + said.steps()).orElse("-"),
              saved == 0 ? "-" : Integer.toString(saved),
              at.map(said -> Integer.toString(unsaved(said, saved))).orElse("-"),
              Long.toString(task.fence())));
    }
    if (!rows.isEmpty()) {
      screen.line("open round " + tasks.getFirst().id().round());
      screen.table(
          List.of("  SHARD", "PHASE", "WORKER", "PRICE/H", "STEP", "SAVED", "UNSAVED", "LEASES"),
          rows);
    }
  }

  /**
   * Steps that a loss of the lease would cost now; none if it is not yet as far as an earlier one.
   */
  private static int unsaved(ShardProgress said, int saved) {
    return Math.max(0, said.step() - saved);
  }

  private static void money(JobAccount account, ObjectNode object, Screen screen) {
    ObjectNode money =
        object
            .putObject("money")
            .put("free", Figures.units(account.free()))
            .put("held", Figures.units(account.held()))
            .put("fees", Figures.units(account.fees()))
            .put("refunded", Figures.units(account.refunded()));
    ObjectNode paid = money.putObject("paid");
    account.paid().forEach((payee, amount) -> paid.put(payee.toString(), Figures.units(amount)));
    screen.line(
        "money     free %s, held %s, fees %s, refunded %s"
            .formatted(account.free(), account.held(), account.fees(), account.refunded()));
    account.paid().forEach((payee, amount) -> screen.line("  paid    " + amount + " to " + payee));
  }

  private static void describe(JobView view, Event.JobSubmitted submitted, Screen screen) {
    ObjectNode object =
        JobFigures.view(view)
            .put("name", submitted.terms().name())
            .put("builder", submitted.builder().toString())
            .put("archived", true);
    ArrayNode rounds = object.putArray("closed");
    view.closed().forEach(round -> rounds.add(JobFigures.round(round)));
    screen.object(object);
    screen.line("job       " + view.id());
    screen.line("name      " + submitted.terms().name());
    screen.line("builder   " + submitted.builder());
    screen.line(
        "state     %s, out of the market's state"
            .formatted(view.phase().map(Object::toString).orElse("unknown")));
    view.ending().ifPresent(why -> reason(why, screen));
    view.closed()
        .forEach(
            round ->
                screen.line(
                    format(
                        ROOT,
                        "  round %2d  loss %.4f  model %s",
                        round.round(),
                        round.loss(),
                        round.model().brief())));
    screen.line(
        "money     paid %s, fees %s, refunded %s"
            .formatted(view.paid(), view.fees(), view.refund().map(Object::toString).orElse("0")));
  }
}
