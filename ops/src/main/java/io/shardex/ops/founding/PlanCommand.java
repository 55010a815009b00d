package io.shardex.ops.founding;

import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.NetworkPlan;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex network plan}. */
@Command(
    name = "plan",
    description = {
      "As coordinator: plans a network and writes plan.json for the operators.",
      "",
      "Asks the chain for its id and the deployer's next nonce, from which the addresses of the"
          + " contracts follow. Nothing is sent to the chain; the key is not opened. Rules and"
          + " classes stand in the file: edit them before you hand it out, not after."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex network plan --name three --rpc http://10.0.0.1:8545 --key deployer.json --ca ca",
      "  shardex network plan --name four --threshold 3 --rpc https://rpc.example.org"
          + " --token 0x… --key deployer.json --ca ca",
    })
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--name", required = true, description = "What people call the network.")
  private String name;

  @Option(
      names = "--rpc",
      required = true,
      paramLabel = "URL",
      description = {
        "The chain's JSON-RPC, as all who take part will reach it; several in the order they are"
            + " tried. Everybody gets to see it: no address with a secret in it."
      })
  private List<URI> rpc;

  @Mixin private KeyOption key = new KeyOption();

  @Option(
      names = "--threshold",
      paramLabel = "K",
      defaultValue = "2",
      description =
          "How many validators make a fact true, more than half of them (${DEFAULT-VALUE}).")
  private int threshold;

  @Option(
      names = "--token",
      paramLabel = "ADDRESS",
      description =
          "The escrow token, an ERC-20 with 6 decimals; on a development chain one is made.")
  private @Nullable String token;

  @Option(
      names = "--treasury",
      paramLabel = "ADDRESS",
      description = "Who receives the fees (the deployer).")
  private @Nullable String treasury;

  @Option(
      names = "--rules",
      paramLabel = "PRESET",
      defaultValue = "local",
      description = "The rules to begin with; there is one preset, local (docs/rules.md).")
  private String rules;

  @Option(
      names = "--ca",
      paramLabel = "DIR",
      description = "The network's CA ('shardex ca init'); without it all nodes are on loopback.")
  private @Nullable Path ca;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "plan.json",
      description = "Where the plan goes, never over an old one (${DEFAULT-VALUE}).")
  private Path out;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  PlanCommand() {}

  @Override
  public Integer call() throws Exception {
    if (!rules.equals("local")) {
      throw new Trouble(
          ExitCode.USAGE,
          "--rules: there is no preset '" + rules + "', only local",
          "Take local, and edit the rules in the plan before you hand it out");
    }
    Address deployer = key.address();
    NetworkPlan plan =
        new PlanDraft(
                name,
                rpc,
                deployer,
                address("--token", token),
                address("--treasury", treasury).orElse(deployer),
                threshold,
                Optional.ofNullable(ca).map(folder -> CaFolder.open(folder).roots()))
            .plan();
    write(plan);
    PrintWriter screen = spec.commandLine().getOut();
    screen.printf("plan of network %s in %s%n", plan.name(), out);
    for (String line : PlanText.lines(plan)) {
      screen.println("  " + line);
    }
    screen.println("Next: send it to each operator, who answers with a card:");
    screen.printf(
        "  shardex node init --plan %s --id node-1 --host a.example.org --dir /etc/shardex%n",
        out.getFileName());
    screen.println("Send nothing else from the deployer's account until the network is founded.");
    screen.flush();
    return ExitCode.OK.number();
  }

  private void write(NetworkPlan plan) throws Exception {
    try {
      Files.write(out, plan.toJson(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new Trouble(
          ExitCode.USAGE,
          out + " is there already, and operators may have answered it",
          "Move it away, or name another file: --out FILE",
          e);
    }
  }

  private static Optional<Address> address(String option, @Nullable String text) {
    try {
      return Optional.ofNullable(text).map(Address::parse);
    } catch (IllegalArgumentException e) {
      throw new Trouble(
          ExitCode.USAGE, option + ": " + e.getMessage(), "Write 0x and 40 hex digits", e);
    }
  }
}
