package io.shardex.ops.role;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerStatus;

/** What {@code /status} on an agent's operator port says. */
final class AgentStatus {
  private AgentStatus() {}

  static ObjectNode json(WorkerConfig config, WorkerStatus status) {
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
    ArrayNode runtimes = now.putArray("runtimes");
    status.runtimes().forEach(kind -> runtimes.add(kind.name()));
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
