package io.shardex.ops.founding;

import io.shardex.market.Network;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.CardRefused;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.founding.NodeCard;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex network found}. */
@Command(
    name = "found",
    description = {
      "As coordinator: deploys the contracts and writes network.json.",
      "",
      "Checks that each card was signed by its validator for this plan, deploys what is not on the"
          + " chain yet, and compares what is. After an interruption the same command goes on. The"
          + " network file follows from plan and cards alone: once the contracts are there, whoever"
          + " has both can make it without a key, and compare."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex network found --plan plan.json --card a.card.json --card b.card.json"
          + " --card c.card.json --dry-run",
      "  shardex network found --plan plan.json --card a.card.json --card b.card.json"
          + " --card c.card.json --key deployer.json --ca ca --out three",
    })
final class FoundCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--plan", required = true, paramLabel = "FILE", description = "The plan.")
  private Path planFile;

  @Option(
      names = "--card",
      required = true,
      paramLabel = "FILE",
      description = "A node's card; once for each node.")
  private List<Path> cardFiles;

  @Mixin private KeyOption key = new KeyOption();

  @Option(
      names = "--ca",
      paramLabel = "DIR",
      description = "The plan's CA, which signs the nodes' certificates.")
  private @Nullable Path ca;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where network.json and the certificates go (the current folder).")
  private Path out;

  @Option(names = "--dry-run", description = "Checks plan, cards and chain, and changes nothing.")
  private boolean dryRun;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  FoundCommand() {}

  @Override
  public Integer call() throws Exception {
    NetworkPlan plan = PlanFile.read(planFile);
    List<NodeCard> cards = cardFiles.stream().map(PlanFile::card).toList();
    NetworkFile file = network(plan, cards);
    cards.forEach(card -> CaFolder.requireRequest(plan, card));
    Optional<CaFolder> authority = authority(plan);
    say("network %s, %s".formatted(plan.name(), plan.identity()));
    PlanText.lines(plan).forEach(line -> say("  " + line));
    for (NodeCard card : cards) {
      say(
          "  %-11s %s, gateway %s"
              .formatted(card.node().id(), card.validator(), card.node().gateway()));
    }
    try (PlannedContracts contracts = new PlannedContracts(plan)) {
      if (dryRun) {
        say(
            contracts.areThere()
                ? "The contracts are there. Nothing was changed."
                : "Would deploy %sSettlement with escrow and stake vault. Nothing was changed."
                    .formatted(plan.newToken() ? "a development token and " : ""));
        return ExitCode.OK.number();
      }
      deploy(contracts, plan, file.network());
      for (NodeCard card : cards) {
        contracts.requireGasMoney(card.validator(), "validator of " + card.node().id(), this::say);
      }
    }
    write(file);
    if (authority.isPresent()) {
      for (NodeCard card : cards) {
        Path certificate = out.resolve(card.node().id() + ".pem");
        Files.writeString(certificate, authority.get().issue(card));
        say("wrote " + certificate);
      }
    }
    tellNext(plan, authority.isPresent());
    return ExitCode.OK.number();
  }

  private static NetworkFile network(NetworkPlan plan, List<NodeCard> cards) {
    try {
      return plan.with(cards);
    } catch (CardRefused e) {
      throw new Trouble(ExitCode.USAGE, String.valueOf(e.getMessage()), e.fix(), e);
    }
  }

  private Optional<CaFolder> authority(NetworkPlan plan) {
    Optional<CaFolder> authority = Optional.ofNullable(ca).map(CaFolder::open);
    authority.ifPresent(opened -> opened.require(plan));
    return authority;
  }

  private void tellNext(NetworkPlan plan, boolean issued) {
    if (issued) {
      say("Next: send each operator network.json and its certificate; neither is secret.");
    } else if (plan.ca().isEmpty()) {
      say("Next: put network.json beside each node.conf.");
    } else {
      say("No --ca was named, so no certificates were issued.");
    }
    say("All who use the network need network.json.");
  }

  private void deploy(PlannedContracts contracts, NetworkPlan plan, Network network) {
    if (contracts.areThere()) {
      say("the contracts are there");
    } else {
      SigningKey deployer = key.open();
      contracts.requireGasMoney(plan.deployer(), "the deployer", this::say);
      say("deploying the contracts");
      contracts.deploy(deployer, network);
      say("deployed at the planned addresses");
    }
    contracts.requireAgreed(network);
  }

  private void write(NetworkFile file) throws IOException {
    Files.createDirectories(out);
    Path path = out.resolve("network.json");
    byte[] json = file.toJson();
    if (Files.exists(path) && !Arrays.equals(Files.readAllBytes(path), json)) {
      throw new Trouble(
          ExitCode.USAGE,
          path + " is there already and is another network's, or these nodes' with other addresses",
          "Move it away, or name another folder: --out DIR");
    }
    Files.write(path, json);
    say("wrote " + path);
  }

  private void say(String line) {
    PrintWriter screen = spec.commandLine().getOut();
    screen.println(line);
    screen.flush();
  }
}
