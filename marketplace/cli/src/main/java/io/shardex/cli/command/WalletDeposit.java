package io.shardex.cli.command;

import io.shardex.cli.Declined;
import io.shardex.market.JobId;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.DepositAccount;
import io.shardex.protocol.client.JobAccount;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex wallet deposit}. */
@Command(
    name = "deposit",
    description = {
      "Tops up the escrow of a job of yours.",
      "",
      "A job's first deposit is made by 'shardex job submit'."
    },
    footer = {
      "  shardex wallet deposit 1f3a 2.50    2.5 tokens more for that job",
    })
final class WalletDeposit extends NetworkCommand {
  @Parameters(index = "0", paramLabel = "JOB", description = "The job's id, or a beginning of it.")
  private String job;

  @Parameters(
      index = "1",
      paramLabel = "AMOUNT",
      converter = AmountConverter.class,
      description = "In tokens, at most 6 decimals.")
  private Amount amount;

  // picocli fills the parameters in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WalletDeposit(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    JobId id = session.job(job);
    Deposit first =
        session
            .board()
            .deposit(id)
            .map(DepositAccount::deposit)
            .orElseThrow(() -> Session.unknownJob(id));
    TokenChain.Holder holder = session.holder();
    if (!first.builder().equals(holder.address())) {
      throw new Declined(
          "job %s belongs to %s, not to %s".formatted(id, first.builder(), holder.address()),
          "Name the key that submitted it: --key FILE");
    }
    Optional<Job> known = session.account(id).map(JobAccount::job);
    if (known.filter(found -> found.ending().isPresent()).isPresent()) {
      throw new Declined(
          "job " + id + " has ended or is ending; more money would not help it",
          "Nothing was paid; submit its file again for another job");
    }
    Payment.require(amount, holder.balance(), holder.address());
    Payment.make(
        "depositing %s for job %s".formatted(amount, id),
        screen,
        () -> holder.deposit(first.nonce(), first.spec(), first.refundAt(), amount));
  }
}
