package io.shardex.cli.command;

import io.shardex.market.TaskId;
import io.shardex.market.state.Worker;
import io.shardex.pricing.WorkUnits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code shardex market workers}. */
@Command(
    name = "workers",
    description = "Lists the registered workers by owner: phase, reserve price, lease, history.",
    footer = {
      "  shardex market workers",
      "  shardex market workers -o json",
    })
final class MarketWorkers extends NetworkCommand {
  MarketWorkers(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    List<Worker> workers = new ArrayList<>(session.board().workers());
    workers.sort(Comparator.comparing(Worker::owner).thenComparing(Worker::key));
    var object = Screen.object();
    var list = object.putArray("workers");
    List<List<String>> rows = new ArrayList<>();
    for (Worker worker : workers) {
      WorkUnits hour = session.workPerHour(worker.resources());
      var one =
          list.addObject()
              .put("worker", worker.key().toString())
              .put("owner", worker.owner().toString())
              .put("resources", worker.resources().name())
              .put("memoryMiB", worker.memoryMiB())
              .put("phase", phase(worker))
              .put("verified", worker.verified())
              .put("failed", worker.failed());
      worker.ask().ifPresent(ask -> one.put("reserve", Figures.units(ask)));
      worker.lease().ifPresent(lease -> one.put("lease", lease.toString()));
      rows.add(
          List.of(
              worker.owner().brief(),
              worker.key().brief(),
              worker.resources().name(),
              Integer.toString(worker.memoryMiB()),
              phase(worker),
              worker.ask().map(ask -> Figures.hourly(ask, hour)).orElse("-"),
              worker.lease().map(TaskId::toString).orElse("-"),
              Long.toString(worker.verified()),
              Long.toString(worker.failed())));
    }
    if (rows.isEmpty()) {
      screen.line("no workers");
    } else {
      screen.table(
          List.of(
              "OWNER",
              "WORKER",
              "CLASS",
              "MIB",
              "PHASE",
              "RESERVE/H",
              "LEASE",
              "VERIFIED",
              "FAILED"),
          rows);
    }
    screen.object(object);
  }

  private static String phase(Worker worker) {
    if (worker.lease().isPresent()) {
      return worker.lease().get().isAudit() ? "auditing" : "training";
    }
    if (worker.draining()) {
      return "draining";
    }
    if (worker.ask().isEmpty()) {
      return "away";
    }
    return worker.duties().isEmpty() ? "idle" : "drawn";
  }
}
