package io.shardex.ops.role;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.pricing.Amount;
import java.io.PrintWriter;
import java.util.StringJoiner;

/** What {@code worker status} tells, for people. */
record StatusText(PrintWriter out) {
  void print(JsonNode told) {
    JsonNode agent = told.get("agent");
    JsonNode slots = told.get("slots");
    heading(told.get("name").asText(), agent, slots);
    for (JsonNode slot : slots) {
      if (slots.size() > 1) {
        out.printf("slot %s, %s%n", slot.get("name").asText(), slot.get("worker").asText());
      }
      if (slot.has("now")) {
        now(slot.get("now"));
      }
      slot.path("journal").forEach(this::committed);
      if (slot.has("market")) {
        known(slot.get("market"));
      }
    }
    market(told.get("market"));
    for (JsonNode device : told.get("devices")) {
      out.println("device");
      device
          .properties()
          .forEach(entry -> out.printf("  %-15s %s%n", entry.getKey(), entry.getValue()));
    }
  }

  private void heading(String name, JsonNode agent, JsonNode slots) {
    if (!agent.get("running").asBoolean()) {
      int commitments = 0;
      for (JsonNode slot : slots) {
        commitments += slot.get("commitments").asInt();
      }
      out.printf("%s does not run; its journal holds %d commitments%n", name, commitments);
      return;
    }
    out.printf(
        "%s runs: process %d since %s%n",
        name, agent.get("pid").asLong(), agent.path("since").asText("?"));
    if (!agent.get("answers").asBoolean()) {
      out.println("  its operator port does not answer");
    }
  }

  private void now(JsonNode now) {
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
        "  offers      %s, %d MiB, threads: %d%s%s%n",
        now.get("class").asText(),
        now.get("memoryMiB").asInt(),
        now.get("threads").asInt(),
        now.has("cpus") ? ", processors " + now.get("cpus").asText() : "",
        now.has("gpu")
            ? ", %d %% of GPU %s".formatted(now.get("gpuShare").asInt(), now.get("gpu").asText())
            : "");
    now.path("unwell").forEach(what -> out.printf("  GPU         %s%n", what.asText()));
  }

  private void committed(JsonNode one) {
    out.printf(
        "  committed   %s with fence %d%n", one.get("task").asText(), one.get("fence").asLong());
  }

  private void known(JsonNode known) {
    if (!known.get("registered").asBoolean()) {
      out.println("  market      not registered");
      return;
    }
    out.printf(
        "  market      %s%s, lease %s%n",
        known.has("ask") ? "asks " + known.get("ask").asText() + " for 10^12 work units" : "no ask",
        known.get("draining").asBoolean() ? ", draining" : "",
        known.path("lease").asText("none"));
    out.printf(
        "  history     %d verified, %d failed, %d audits due%n",
        known.get("verified").asLong(),
        known.get("failed").asLong(),
        known.get("auditsDue").asInt());
    JsonNode hardware = known.path("hardware");
    if (!hardware.isMissingNode()) {
      out.printf(
          "  hardware    %s at %s%n",
          hardware.get("proven").asBoolean()
              ? "proven in %d ms".formatted(hardware.get("millis").asLong())
              : "refuted: nothing is leased until a challenge is passed",
          hardware.get("at").asText());
    }
  }

  private void market(JsonNode market) {
    if (!market.get("answers").asBoolean()) {
      out.println("market does not answer: " + market.get("detail").asText());
      return;
    }
    out.printf(
        "market: workers of its owner: %d, stake %s bonded, %s needed for each%n",
        market.get("workersOfOwner").asInt(),
        Amount.of(market.get("stake").asLong()),
        Amount.of(market.get("stakeEach").asLong()));
  }

  private static String words(JsonNode list) {
    StringJoiner words = new StringJoiner(", ");
    list.forEach(word -> words.add(word.asText()));
    return words.toString();
  }
}
