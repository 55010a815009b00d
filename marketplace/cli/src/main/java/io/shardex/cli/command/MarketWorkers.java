package io.shardex.cli.command;

import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.pricing.WorkUnits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code shardex market workers}. */
@Command(
    name = "workers",
    description =
        "Lists the registered workers by owner: phase, reserve price, lease, history, and how long"
            + " the last proof of their hardware took.",
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
    Map<Address, Proof> proofs =
        session.board().proofs().stream()
            .collect(Collectors.toMap(Proof::worker, Function.identity()));
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
      Optional<Proof> proof = Optional.ofNullable(proofs.get(worker.key()));
      proof.ifPresent(
          shown ->
              one.putObject("hardware")
                  .put("proven", shown.valid())
                  .put("millis", shown.millis())
                  .put("atMillis", shown.atMillis()));
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
              Long.toString(worker.failed()),
              proof.map(MarketWorkers::hardware).orElse("-")));
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
              "FAILED",
              "PROVEN"),
          rows);
    }
    screen.object(object);
  }

  private static String hardware(Proof proof) {
    return proof.valid() ? "%d ms".formatted(proof.millis()) : "refuted";
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
