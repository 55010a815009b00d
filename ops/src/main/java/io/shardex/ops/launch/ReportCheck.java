package io.shardex.ops.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What must hold in every report of the demo, whatever the seed. */
final class ReportCheck {
  private static final double FULL_ACCURACY = 0.97;
  private static final double QUICK_ACCURACY = 0.90;
  private static final double MISS_PROBABILITY = 1e-4;
  private static final List<String> MONEY =
      List.of("escrowed", "paid", "fees", "refunded", "stakeIn", "stakeSlashed");

  private final JsonNode report;
  private final List<String> faults = new ArrayList<>();

  private ReportCheck(JsonNode report) {
    this.report = report;
  }

  /** Every rule the report breaks, one sentence each; empty when it is sound. */
  static List<String> faults(JsonNode report) {
    ReportCheck check = new ReportCheck(report);
    check.accuracy();
    check.conserved("chain");
    check.conserved("ledger");
    check.chainEqualsLedger();
    check.hashesEqual();
    check.workDone();
    check.liarCaught();
    return List.copyOf(check.faults);
  }

  private void accuracy() {
    double floor = report.path("quick").asBoolean() ? QUICK_ACCURACY : FULL_ACCURACY;
    double accuracy = report.path("accuracy").asDouble(Double.NaN);
    if (!(accuracy >= floor && accuracy <= 1)) {
      faults.add("expected an accuracy of at least " + floor + ", but it is " + accuracy);
    }
  }

  private void conserved(String side) {
    BigInteger escrowed = amount(side, "escrowed");
    BigInteger out = amount(side, "paid").add(amount(side, "fees")).add(amount(side, "refunded"));
    if (!escrowed.equals(out)) {
      faults.add(
          side + ": expected escrowed = paid + fees + refunded, but " + escrowed + " != " + out);
    }
    if (escrowed.signum() == 0) {
      faults.add(side + ": nothing was escrowed");
    }
    if (amount(side, "paid").signum() == 0) {
      faults.add(side + ": nobody was paid");
    }
  }

  private void chainEqualsLedger() {
    for (String name : MONEY) {
      BigInteger chain = amount("chain", name);
      BigInteger ledger = amount("ledger", name);
      if (!chain.equals(ledger)) {
        faults.add(name + ": the chain says " + chain + ", the ledger " + ledger);
      }
    }
  }

  private void hashesEqual() {
    Set<String> hashes = new TreeSet<>();
    int nodes = 0;
    for (var entry : report.path("stateHash").properties()) {
      if (!entry.getKey().equals("index")) {
        nodes++;
        hashes.add(entry.getValue().asText());
      }
    }
    if (nodes != 3 || hashes.size() != 1 || hashes.contains("")) {
      faults.add("expected one state hash on three nodes, but got " + report.path("stateHash"));
    }
  }

  private void workDone() {
    if (report.path("tasks").path("verified").asLong() <= 0) {
      faults.add("no task was verified");
    }
  }

  /** Every lie that was drawn is proved, and nobody but the liar pays for it. */
  private void liarCaught() {
    JsonNode lies = report.path("lies");
    if (report.path("honestOwnersSlashed").asLong(-1) != 0) {
      faults.add("honest owners were slashed: " + report.path("honestOwnersSlashed"));
    }
    if (!report.has("dishonest")) {
      if (lies.path("made").asLong(-1) != 0 || amount("ledger", "stakeSlashed").signum() != 0) {
        faults.add("nobody was to lie, but there are " + lies + " and a slash");
      }
      return;
    }
    if (!report.path("dishonest").path("caught").asBoolean()) {
      faults.add("the liar was not caught: " + lies);
    }
    if (lies.path("proved").asLong(-1) != lies.path("drawn").asLong(-2)) {
      faults.add("expected every drawn lie to be proved, but got " + lies);
    }
    double missed = lies.path("missProbability").asDouble(1);
    if (!(missed >= 0 && missed <= MISS_PROBABILITY)) {
      faults.add(
          "expected a miss probability of at most " + MISS_PROBABILITY + ", but got " + lies);
    }
    String slashed = report.path("dishonest").path("slashed").asText();
    if (!slashed.equals(report.path("ledger").path("stakeSlashed").asText())) {
      faults.add("the liar lost " + slashed + ", but the ledger says otherwise");
    }
  }

  /** An amount in base units, a string of digits; anything else is a fault and counts as zero. */
  private BigInteger amount(String side, String name) {
    JsonNode node = report.path(side).path(name);
    if (!node.isTextual() || !node.asText().matches("[0-9]{1,30}")) {
      String fault = side + "." + name + ": expected a string of base units, but got " + node;
      if (!faults.contains(fault)) {
        faults.add(fault);
      }
      return BigInteger.ZERO;
    }
    return new BigInteger(node.asText());
  }
}
