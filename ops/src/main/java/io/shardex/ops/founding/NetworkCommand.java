package io.shardex.ops.founding;

import picocli.CommandLine.Command;

/** {@code shardex network}: how a network of several operators comes to be. */
@Command(
    name = "network",
    description = "Plans and founds a network of several operators.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PlanCommand.class, FoundCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex network plan --name three --rpc URL --key deployer.json",
      "  shardex node init --plan plan.json --id node-1 --host a.example.org   on each host",
      "  shardex network found --plan plan.json --key deployer.json --card node-1.card.json …",
    })
public final class NetworkCommand {}
