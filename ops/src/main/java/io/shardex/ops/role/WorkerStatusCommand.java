package io.shardex.ops.role;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.launch.OutputOption;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.GpuReading;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.lease.LeaseFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex worker status}. */
@Command(
    name = "status",
    description = {
      "Shows what a worker's agent does now, and what the market knows of each of its slots.",
      "",
      "The agent is asked on its operator port, so this runs on its machine. If it does not run,"
          + " its journals say what it committed to last."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex worker status --config worker.conf",
      "  shardex worker status --config worker.conf -o json",
    })
final class WorkerStatusCommand implements Callable<Integer> {
  /** Commitments of a stopped agent that are worth a line. */
  private static final int NEWEST = 5;

  private static final Patience SHORT = new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2));

  private final Supplier<Gpus> devices;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The config file the worker runs with.")
  private Path file;

  @Mixin private OutputOption output;

  /** As picocli makes it. */
  WorkerStatusCommand() {
    this(Gpus::here);
  }

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WorkerStatusCommand(Supplier<Gpus> devices) {
    this.devices = devices;
  }

  @Override
  public Integer call() throws IOException {
    AgentConfig config = WorkerSettings.read(file).agent();
    ObjectNode told =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", config.name())
            .put("owner", config.slots().getFirst().owner().toString());
    ArrayNode slots = JsonNodeFactory.instance.arrayNode();
    for (WorkerConfig slot : config.slots()) {
      slots.addObject().put("name", slot.name()).put("worker", slot.key().address().toString());
    }
    told.set("agent", agent(config, slots));
    told.set("market", market(config, slots));
    told.set("slots", slots);
    told.set("devices", devices());
    PrintWriter out = spec.commandLine().getOut();
    output.print(out, () -> told, () -> new StatusText(out).print(told));
    return ExitCode.OK.number();
  }

  /** What the agent's own port says of its slots; what their journals hold if it is down. */
  private static ObjectNode agent(AgentConfig config, ArrayNode slots) throws IOException {
    ObjectNode agent = JsonNodeFactory.instance.objectNode();
    AgentFile running = new AgentFile(config.folder());
    Optional<ProcessHandle> process = running.running();
    agent.put("running", process.isPresent());
    if (process.isPresent()) {
      agent.put("pid", process.get().pid());
      process.get().info().startInstant().ifPresent(at -> agent.put("since", at.toString()));
      OptionalInt port = running.port();
      port.ifPresent(number -> agent.put("operatorPort", number));
      Optional<JsonNode> said = port.isPresent() ? ask(port.getAsInt()) : Optional.empty();
      agent.put("answers", said.isPresent());
      said.ifPresent(now -> now.path("slots").forEach(slot -> putNow(slots, slot)));
    } else {
      for (int i = 0; i < slots.size(); i++) {
        putJournal((ObjectNode) slots.get(i), config.slots().get(i).folder());
      }
    }
    return agent;
  }

  private static void putNow(ArrayNode slots, JsonNode now) {
    for (JsonNode slot : slots) {
      if (slot.get("worker").equals(now.get("worker"))) {
        ((ObjectNode) slot).set("now", now);
      }
    }
  }

  private static void putJournal(ObjectNode slot, Path folder) throws IOException {
    List<LeaseFolder.Committed> all = LeaseFolder.committed(folder);
    slot.put("commitments", all.size());
    ArrayNode journal = slot.putArray("journal");
    all.subList(Math.max(0, all.size() - NEWEST), all.size())
        .forEach(
            one ->
                journal.addObject().put("task", one.task().toString()).put("fence", one.fence()));
  }

  private static Optional<JsonNode> ask(int port) {
    try (OperatorProbe probe = new OperatorProbe()) {
      return probe
          .page(port, "/status")
          .map(
              page -> {
                try {
                  return new ObjectMapper().readTree(page);
                } catch (JsonProcessingException e) {
                  return JsonNodeFactory.instance.objectNode().put("detail", "not JSON");
                }
              });
    }
  }

  private static ObjectNode market(AgentConfig config, ArrayNode slots) {
    ObjectNode market = JsonNodeFactory.instance.objectNode();
    WorkerConfig first = config.slots().getFirst();
    try (Nodes nodes = Nodes.openPublic(first.nodes(), SHORT)) {
      MarketClient client = new MarketClient(nodes);
      for (int i = 0; i < slots.size(); i++) {
        Address key = config.slots().get(i).key().address();
        Optional<Worker> worker = client.worker(key);
        ObjectNode known = ((ObjectNode) slots.get(i)).putObject("market");
        known.put("registered", worker.isPresent());
        worker.ifPresent(there -> put(known, there));
      }
      putProofs(slots, client.proofs(Optional.of(first.owner())));
      StakeAccount stake = client.stake(first.owner());
      market
          .put("answers", true)
          .put("stake", Long.toString(stake.bonded().units()))
          .put("workersOfOwner", stake.workers())
          .put("stakeEach", Long.toString(first.network().rules().money().workerStake().units()));
    } catch (ClientFailure e) {
      market.put("answers", false).put("detail", String.valueOf(e.getMessage()));
    }
    return market;
  }

  private static void put(ObjectNode known, Worker worker) {
    known
        .put("owner", worker.owner().toString())
        .put("class", worker.resources().name())
        .put("draining", worker.draining())
        .put("verified", worker.verified())
        .put("failed", worker.failed())
        .put("auditsDue", worker.duties().size());
    worker.ask().ifPresent(ask -> known.put("ask", Long.toString(ask.perTeraWork())));
    worker.lease().map(TaskId::toString).ifPresent(lease -> known.put("lease", lease));
  }

  private static void putProofs(ArrayNode slots, List<Proof> proofs) {
    for (JsonNode slot : slots) {
      proofs.stream()
          .filter(proof -> proof.worker().toString().equals(slot.get("worker").textValue()))
          .forEach(proof -> put((ObjectNode) slot.get("market"), proof));
    }
  }

  private static void put(ObjectNode known, Proof proof) {
    known
        .putObject("hardware")
        .put("proven", proof.valid())
        .put("millis", proof.millis())
        .put("at", Instant.ofEpochMilli(proof.atMillis()).toString());
  }

  private ArrayNode devices() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    Gpus gpus = devices.get();
    for (GpuReading reading : gpus.readings()) {
      ObjectNode one =
          list.addObject()
              .put("name", reading.gpu().name())
              .put("class", reading.gpu().resources().name())
              .put("vramMiB", reading.gpu().vramMiB());
      reading.health().temperatureC().ifPresent(value -> one.put("temperatureC", value));
      reading.health().clockMhz().ifPresent(value -> one.put("clockMhz", value));
      reading.health().powerLimitWatts().ifPresent(value -> one.put("powerLimitWatts", value));
      reading.health().freeVramMiB().ifPresent(value -> one.put("freeVramMiB", value));
      ArrayNode wrong = one.putArray("unwell");
      reading.health().reasons(Set.of()).forEach(wrong::add);
    }
    gpus.faults().forEach(fault -> list.addObject().put("fault", fault.getMessage()));
    return list;
  }
}
