package io.shardex.ops.role;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.TaskId;
import io.shardex.market.state.Worker;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.launch.Output;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.GpuReading;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.lease.LeaseFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex worker status}. */
@Command(
    name = "status",
    description = {
      "Shows what a worker's agent does now, and what the market knows of the worker.",
      "",
      "The agent is asked on its operator port, so this runs on its machine. If it does not run,"
          + " its journal says what it committed to last."
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

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (text).")
  private Output output;

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
    WorkerConfig config = WorkerSettings.read(file).config();
    ObjectNode told =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", config.name())
            .put("worker", config.key().address().toString())
            .put("owner", config.owner().toString());
    told.set("agent", agent(config));
    told.set("market", market(config));
    told.set("devices", devices());
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      out.println(told);
    } else {
      text(told, out);
    }
    out.flush();
    return ExitCode.OK.number();
  }

  /** What the agent's own port says; what its journal holds if it is down. */
  private static ObjectNode agent(WorkerConfig config) throws IOException {
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
      said.ifPresent(now -> agent.set("now", now));
    } else {
      ArrayNode journal = agent.putArray("journal");
      List<LeaseFolder.Committed> all = LeaseFolder.committed(config.folder());
      agent.put("commitments", all.size());
      all.subList(Math.max(0, all.size() - NEWEST), all.size())
          .forEach(
              one ->
                  journal.addObject().put("task", one.task().toString()).put("fence", one.fence()));
    }
    return agent;
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

  private static ObjectNode market(WorkerConfig config) {
    ObjectNode market = JsonNodeFactory.instance.objectNode();
    try (Nodes nodes = Nodes.openPublic(config.nodes(), SHORT)) {
      MarketClient client = new MarketClient(nodes);
      Optional<Worker> worker = client.worker(config.key().address());
      StakeAccount stake = client.stake(config.owner());
      market
          .put("answers", true)
          .put("registered", worker.isPresent())
          .put("stake", Long.toString(stake.bonded().units()))
          .put("workersOfOwner", stake.workers())
          .put("stakeEach", Long.toString(config.network().rules().money().workerStake().units()));
      worker.ifPresent(there -> put(market, there));
    } catch (ClientFailure e) {
      market.put("answers", false).put("detail", String.valueOf(e.getMessage()));
    }
    return market;
  }

  private static void put(ObjectNode market, Worker worker) {
    market
        .put("owner", worker.owner().toString())
        .put("class", worker.resources().name())
        .put("draining", worker.draining())
        .put("verified", worker.verified())
        .put("failed", worker.failed())
        .put("auditsDue", worker.duties().size());
    worker.ask().ifPresent(ask -> market.put("ask", Long.toString(ask.perTeraWork())));
    worker.lease().map(TaskId::toString).ifPresent(lease -> market.put("lease", lease));
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

  private static void text(JsonNode told, PrintWriter out) {
    JsonNode agent = told.get("agent");
    String name = told.get("name").asText();
    if (agent.get("running").asBoolean()) {
      out.printf(
          "%s runs: process %d since %s%n",
          name, agent.get("pid").asLong(), agent.path("since").asText("?"));
      if (agent.has("now")) {
        now(agent.get("now"), out);
      } else {
        out.println("  its operator port does not answer");
      }
    } else {
      out.printf(
          "%s does not run; its journal holds %d commitments%n",
          name, agent.get("commitments").asInt());
      agent
          .get("journal")
          .forEach(
              one ->
                  out.printf(
                      "  committed   %s with fence %d%n",
                      one.get("task").asText(), one.get("fence").asLong()));
    }
    market(told.get("market"), out);
    for (JsonNode device : told.get("devices")) {
      out.println("device");
      device
          .properties()
          .forEach(entry -> out.printf("  %-15s %s%n", entry.getKey(), entry.getValue()));
    }
  }

  private static void now(JsonNode now, PrintWriter out) {
    out.printf("  standing    %s: %s%n", now.get("standing").asText(), now.get("detail").asText());
    out.printf("  node        %s%n", now.path("node").asText("none"));
    JsonNode lease = now.path("lease");
    if (lease.isMissingNode()) {
      out.println("  lease       none");
    } else if (lease.has("step")) {
      out.printf(
          "  lease       %s, step %d of %d%n",
          lease.get("task").asText(), lease.get("step").asInt(), lease.get("steps").asInt());
    } else {
      out.printf("  lease       %s%n", lease.get("task").asText());
    }
    out.printf("  runtimes    %s%n", words(now.get("runtimes")));
    out.printf(
        "  offers      %s, %d MiB, threads: %d%n",
        now.get("class").asText(), now.get("memoryMiB").asInt(), now.get("threads").asInt());
  }

  private static String words(JsonNode list) {
    StringJoiner words = new StringJoiner(", ");
    list.forEach(word -> words.add(word.asText()));
    return words.toString();
  }

  private static void market(JsonNode market, PrintWriter out) {
    if (!market.get("answers").asBoolean()) {
      out.println("market does not answer: " + market.get("detail").asText());
      return;
    }
    out.printf(
        "market: %s; workers of its owner: %d, stake %s bonded, %s needed for each%n",
        market.get("registered").asBoolean() ? "registered" : "not registered",
        market.get("workersOfOwner").asInt(),
        Amount.of(market.get("stake").asLong()),
        Amount.of(market.get("stakeEach").asLong()));
    if (market.get("registered").asBoolean()) {
      out.printf(
          "  ask         %s%s%n",
          market.has("ask") ? market.get("ask").asText() + " for 10^12 work units" : "none",
          market.get("draining").asBoolean() ? ", draining" : "");
      out.printf("  lease       %s%n", market.path("lease").asText("none"));
      out.printf(
          "  history     %d verified, %d failed, %d audits due%n",
          market.get("verified").asLong(),
          market.get("failed").asLong(),
          market.get("auditsDue").asInt());
    }
  }
}
