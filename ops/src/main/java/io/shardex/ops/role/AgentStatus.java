package io.shardex.ops.role;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerStatus;
import java.util.Map;
import java.util.Optional;

/** What {@code /status} on an agent's operator port says. */
final class AgentStatus {
  private AgentStatus() {}

  /** The slots in the config's order. */
  static ObjectNode json(AgentConfig config, Map<String, WorkerStatus> slots) {
    ObjectNode now = JsonNodeFactory.instance.objectNode().put("name", config.name());
    ArrayNode list = now.putArray("slots");
    for (WorkerConfig slot : config.slots()) {
      Optional.ofNullable(slots.get(slot.name())).ifPresent(status -> list.add(json(slot, status)));
    }
    return now;
  }

  private static ObjectNode json(WorkerConfig config, WorkerStatus status) {
    ObjectNode now =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", config.name())
            .put("worker", config.key().address().toString())
            .put("standing", status.standing().name())
            .put("detail", status.detail())
            .put("class", config.resources().name())
            .put("memoryMiB", config.memoryMiB())
            .put("threads", config.threads())
            .put("reserve", Long.toString(config.reserve().perTeraWork()));
    config.placement().cpus().ifPresent(cpus -> now.put("cpus", cpus.toString()));
    config
        .placement()
        .gpu()
        .ifPresent(share -> now.put("gpu", share.gpu()).put("gpuShare", share.percent()));
    ArrayNode runtimes = now.putArray("runtimes");
    status.runtimes().forEach(kind -> runtimes.add(kind.name()));
    if (config.placement().gpu().isPresent()) {
      ArrayNode unwell = now.putArray("unwell");
      status.device().forEach(unwell::add);
    }
    status.node().ifPresent(node -> now.put("node", node.toString()));
    status
        .lease()
        .ifPresent(
            task -> {
              ObjectNode lease =
                  now.putObject("lease").put("task", task.toString()).put("audit", task.isAudit());
              status
                  .progress()
                  .ifPresent(
                      step ->
                          lease
                              .put("step", step.step())
                              .put("steps", step.steps())
                              .put("loss", step.meanLoss()));
            });
    return now;
  }
}
