package io.shardex.ops.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.ops.launch.Version;
import io.shardex.ops.localnet.MoneyTotals;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A finished demo as JSON for scripts: amounts are strings of base units, so that no reader rounds
 * them.
 */
final class DemoReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private DemoReport() {}

  /** The report as a tree. */
  static ObjectNode of(DemoResult result, PlainRun plain) {
    ObjectNode report = JSON.createObjectNode();
    report.put("commit", Version.commit()).put("jdk", Version.jdk());
    report.put("seed", result.seed()).put("quick", result.quick());
    report.put("accuracy", rounded(result.accuracy(), 4));
    report.put("trainImages", result.trainImages()).put("rounds", result.job().closed().size());
    report
        .putObject("tasks")
        .put("verified", result.job().verified())
        .put("rejected", result.audits().rejected())
        .put("audited", result.audits().audited())
        .put("disputed", result.audits().disputed());
    putLies(report, result);
    putPrices(report, result);
    putMoney(report.putObject("chain"), result.chain().totals());
    putMoney(report.putObject("ledger"), result.ledger());
    var transactions = report.putArray("transactions").add(result.deposit());
    result.chain().transactions().forEach(transactions::add);
    ObjectNode hashes = report.putObject("stateHash").put("index", result.hashes().index());
    result.hashes().nodes().forEach((node, hash) -> hashes.put(node, hash.hex()));
    report
        .putObject("seconds")
        .put("ready", rounded(result.seconds().ready(), 1))
        .put("job", rounded(result.seconds().job(), 1))
        .put("total", rounded(result.seconds().total(), 1));
    report
        .putObject("cpuSeconds")
        .put("total", rounded(result.cost().cpuSeconds(), 1))
        .put("plainTraining", rounded(plain.cpuSeconds(), 1))
        .put("evaluation", rounded(result.cost().evaluationCpuSeconds(), 1))
        .put("audits", rounded(result.cost().auditCpuSeconds(), 1))
        .put("disputes", rounded(result.cost().disputeCpuSeconds(), 1));
    report.put("peakRssMiB", result.cost().peakRssMiB());
    report.put("model", fileName(result.model()));
    return report;
  }

  private static void putLies(ObjectNode report, DemoResult result) {
    AuditStory.Lies lies =
        result.dishonest().map(DemoResult.Dishonest::lies).orElse(AuditStory.Lies.NONE);
    ObjectNode told = report.putObject("lies").put("made", lies.made()).put("drawn", lies.drawn());
    told.put("proved", lies.proved()).put("missProbability", lies.missProbability());
    result
        .dishonest()
        .ifPresent(
            liar ->
                report
                    .putObject("dishonest")
                    .put("owner", liar.owner().address().toString())
                    .put("caught", liar.caught())
                    .put("slashed", Long.toString(liar.slashed().units())));
    report.put("honestOwnersSlashed", result.honestOwnersSlashed());
    var tainted = report.putArray("taintedRounds");
    result.audits().tainted().forEach(tainted::add);
  }

  private static void putPrices(ObjectNode report, DemoResult result) {
    var prices = report.putArray("prices");
    for (PriceHistory.EpochPrice price : result.prices()) {
      prices
          .addObject()
          .put("epoch", price.epoch())
          .put("class", price.resources().name())
          .put("price", Long.toString(price.price().perTeraWork()));
    }
  }

  private static void putMoney(ObjectNode side, MoneyTotals money) {
    side.put("escrowed", Long.toString(money.escrowed().units()))
        .put("paid", Long.toString(money.paid().units()))
        .put("fees", Long.toString(money.fees().units()))
        .put("refunded", Long.toString(money.refunded().units()))
        .put("stakeIn", Long.toString(money.stakeIn().units()))
        .put("stakeSlashed", Long.toString(money.stakeSlashed().units()));
  }

  private static BigDecimal rounded(double value, int digits) {
    return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
  }

  private static String fileName(Path file) {
    return Optional.ofNullable(file.getFileName()).orElse(file).toString();
  }

  /** Writes the report, with a line feed at its end. */
  static void write(ObjectNode report, Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(report) + "\n");
  }
}
