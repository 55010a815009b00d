package io.shardex.cli.command;

import io.shardex.cli.audit.AuditCommand;
import picocli.CommandLine;

/** All of this module's commands, to be put under a root. */
public final class CommandTree {
  private CommandTree() {}

  /** Adds them; the root's handlers of errors are attached afterwards. */
  public static void addTo(CommandLine root, Surroundings around) {
    root.addSubcommand("job", jobs(around))
        .addSubcommand("market", market(around))
        .addSubcommand("wallet", wallet(around))
        .addSubcommand("config", config(around))
        .addSubcommand(new AuditCommand())
        .addSubcommand(new Doctor(around))
        .addSubcommand(new Completion());
  }

  private static CommandLine jobs(Surroundings around) {
    return Group.of(
            "job",
            "Submits training jobs, follows them and fetches their models.",
            "  shardex job submit my-job.yaml --watch",
            "  shardex job list",
            "  shardex job fetch 1f3a")
        .addSubcommand(new JobSubmit(around))
        .addSubcommand(new JobList(around))
        .addSubcommand(new JobDescribe(around))
        .addSubcommand(new JobWatch(around))
        .addSubcommand(new JobLogs(around))
        .addSubcommand(new JobFetch(around))
        .addSubcommand(new JobCancel(around))
        .addSubcommand(new JobWhyNot(around));
  }

  private static CommandLine market(Surroundings around) {
    return Group.of(
            "market",
            "Shows prices and workers; needs no key.",
            "  shardex market prices",
            "  shardex market workers")
        .addSubcommand(new MarketPrices(around))
        .addSubcommand(new MarketWorkers(around));
  }

  private static CommandLine wallet(Surroundings around) {
    return Group.of(
            "wallet",
            "Holds your key: pays, withdraws, stakes.",
            "  shardex wallet new",
            "  shardex wallet faucet      on a development chain",
            "  shardex wallet balance")
        .addSubcommand(new WalletNew(around))
        .addSubcommand(new WalletAddress(around))
        .addSubcommand(new WalletBalance(around))
        .addSubcommand(new WalletDeposit(around))
        .addSubcommand(new WalletWithdraw(around))
        .addSubcommand(new WalletStake(around))
        .addSubcommand(new WalletUnstake(around))
        .addSubcommand(new WalletFaucet(around));
  }

  private static CommandLine config(Surroundings around) {
    return Group.of("config", "Shows the settings in force.", "  shardex config show")
        .addSubcommand(new ConfigShow(around));
  }
}
