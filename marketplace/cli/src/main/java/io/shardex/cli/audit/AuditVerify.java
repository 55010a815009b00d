package io.shardex.cli.audit;

import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.ChainClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit verify}: replay the log and compare it with all who say what it holds. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Replay the whole market from genesis and compare: signatures, every validator's reported"
          + " hash, the states they signed, what each node holds now, and every payment on chain.",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all equal",
      "1:something differs or failed; the message names it",
      "2:usage",
      "3:no node or no chain endpoint answered"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex audit verify",
      "  shardex audit verify --file log.shardex",
      "  shardex audit verify --file log.shardex --no-chain -o json"
    })
public final class AuditVerify implements Callable<Integer> {
  private static final long TELL_NANOS = 1_000_000_000L;

  @Mixin private AuditTarget target = new AuditTarget();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Replay this export; what the nodes have beyond it comes from them.")
  private Optional<Path> file = Optional.empty();

  @Option(names = "--no-chain", description = "Leave out the payments on chain.")
  private boolean noChain;

  private long started;
  private long told;

  @Override
  public Integer call() {
    boolean json = target.json();
    return target.run(
        () -> {
          LogAudit.Report report = audit(target.network());
          target.out().println(json ? json(report) : text(report));
          target.out().flush();
          return AuditTarget.EQUAL;
        });
  }

  private LogAudit.Report audit(NetworkFile network) throws IOException, InterruptedException {
    started = System.nanoTime();
    told = started;
    try (ExecutorService threads = Executors.newFixedThreadPool(cores());
        Nodes nodes = AuditTarget.nodes(network)) {
      MarketClient market = new MarketClient(nodes);
      LogAudit audit =
          new LogAudit(
              network.network(),
              new AuthorRecovery(TypedData.of(network.network()), threads, cores()),
              this::tell);
      if (file.isPresent()) {
        audit.replay(EntrySource.file(file.get(), network.identity()));
      }
      List<NodeStatus> statuses = AuditTarget.statuses(nodes);
      if (file.isEmpty() && statuses.isEmpty()) {
        throw new AuditTarget.NoNode(nodes.addresses());
      }
      if (audit.expect(statuses) < network.nodes().size()) {
        audit.note(
            "%d of %d nodes did not answer: their hash was not compared"
                .formatted(network.nodes().size() - statuses.size(), network.nodes().size()));
      }
      audit.catchUp(market);
      return audit.report(payments(audit, network));
    }
  }

  private Optional<PaymentBook.Compared> payments(LogAudit audit, NetworkFile network) {
    if (noChain) {
      audit.note("the chain was left out: no payment was compared");
      return Optional.empty();
    }
    try (ChainClient chain = AuditTarget.chain(network)) {
      return Optional.of(audit.compare(chain));
    }
  }

  private static int cores() {
    return Math.max(1, Runtime.getRuntime().availableProcessors());
  }

  private void tell(ReplayedMarket replay) {
    long now = System.nanoTime();
    if (now - told > TELL_NANOS) {
      told = now;
      target
          .err()
          .printf(
              "replayed %,d entries, %,d commands, up to log index %d%s%n",
              replay.entries(),
              replay.commands(),
              replay.index(),
              replay.expectedIndex().map(last -> " of " + last).orElse(""));
      target.err().flush();
    }
  }

  private String text(LogAudit.Report report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "replayed %,d entries with %,d commands up to log index %d in %.1f s%n"
            .formatted(report.entries(), report.commands(), report.lastIndex(), seconds()));
    text.append("running hash %s%n".formatted(report.hash()));
    text.append(
        "equal: %,d hashes reported by validators, %d states they signed, %d nodes%n"
            .formatted(report.beats(), report.checkpoints(), report.nodes()));
    report
        .payments()
        .ifPresent(
            paid -> {
              text.append(
                  "equal up to block %d: %d lines; deposited %s, paid %s, refunded %s, slashed %s, compensated %s%n"
                      .formatted(
                          paid.block(),
                          paid.lines(),
                          paid.deposited(),
                          paid.paid(),
                          paid.refunded(),
                          paid.slashed(),
                          paid.compensated()));
              paid.inFlight().forEach(line -> text.append("on its way: %s%n".formatted(line)));
            });
    report.notes().forEach(note -> text.append("note: %s%n".formatted(note)));
    return text.toString().stripTrailing();
  }

  private String json(LogAudit.Report report) {
    JsonLine line =
        new JsonLine()
            .put("lastIndex", report.lastIndex())
            .put("entries", report.entries())
            .put("commands", report.commands())
            .put("hash", report.hash())
            .put("beats", report.beats())
            .put("checkpoints", report.checkpoints())
            .put("nodes", report.nodes())
            .put("millis", (System.nanoTime() - started) / 1_000_000);
    report
        .payments()
        .ifPresent(
            paid ->
                line.put("block", paid.block())
                    .put("lines", paid.lines())
                    .put("deposited", paid.deposited().toString())
                    .put("paid", paid.paid().toString())
                    .put("refunded", paid.refunded().toString())
                    .put("slashed", paid.slashed().toString())
                    .put("compensated", paid.compensated().toString())
                    .put("inFlight", paid.inFlight()));
    return line.put("notes", report.notes()).toString();
  }

  private double seconds() {
    return (System.nanoTime() - started) / 1e9;
  }
}
