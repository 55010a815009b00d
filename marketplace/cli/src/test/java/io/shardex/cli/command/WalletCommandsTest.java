package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.SmallJob;
import io.shardex.cli.Unprepared;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.KeyFile;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalletCommandsTest {
  @TempDir private Path home;
  private Rig rig;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  WalletCommandsTest() {}

  @BeforeEach
  void furnish() throws Exception {
    rig = Rig.in(home);
  }

  @Test
  void aNewKeyIsOnlyItsOwnersAndOpens() throws Exception {
    Path file = home.resolve("new/key.json");
    JsonNode made = rig.object("wallet", "new", "--light", "--key", file.toString(), "-o", "json");

    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        made.path("address").asText(), KeyFile.read(file, "secret".toCharArray()).address() + "");
  }

  @Test
  void aKeyIsNeverWrittenOver() {
    rig.fail(InputRefused.class, "a key is never written over", "wallet", "new", "--light");
  }

  @Test
  void withoutAFileOrATerminalThereIsNoPassphrase() {
    rig.environment.remove("SHARDEX_PASSPHRASE_FILE");

    Unprepared thrown =
        rig.fail(Unprepared.class, "a passphrase is needed", "wallet", "stake", "5");
    assertTrue(thrown.fix().contains("--passphrase-file FILE"), thrown.fix());
  }

  @Test
  void theAddressNeedsNoPassphrase() {
    rig.environment.remove("SHARDEX_PASSPHRASE_FILE");

    assertEquals(Rig.KEY.address() + "\n", rig.run("wallet", "address"));
  }

  @Test
  void aMissingKeySaysHowToMakeOne() {
    Unprepared thrown =
        rig.fail(Unprepared.class, "there is no key in", "wallet", "address", "--key", "none");
    assertTrue(thrown.fix().contains("shardex wallet new"), thrown.fix());
  }

  @Test
  void aWrongPassphraseIsSaid() throws Exception {
    rig.passphrase("guess");

    rig.fail(InputRefused.class, "the passphrase does not open this key", "wallet", "stake", "5");
  }

  @Test
  void aKeyOthersMayReadIsRefusedWithTheFix() throws Exception {
    Path file = home.resolve(".shardex/wallet.json");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    Unprepared thrown = rig.fail(Unprepared.class, "expected mode rw-------", "wallet", "address");
    assertTrue(thrown.fix().contains("chmod 600 " + file), thrown.fix());
  }

  @Test
  void theBalanceShowsAllThereIs() throws Exception {
    rig.network.withdrawable = Amount.of(700_000);
    rig.network.stake =
        new StakeMoney(
            Amount.of(5_000_000), Amount.of(2_000_000), 1_800_000_000, Amount.ZERO, Amount.ZERO);
    rig.put(Rig.JOB, JobPhase.RUNNING);

    String text = rig.run("wallet", "balance");
    assertTrue(text.contains("tokens        100.000000"), text);
    assertTrue(text.contains("gas money     1.0000"), text);
    assertTrue(text.contains("withdrawable  0.700000"), text);
    assertTrue(text.contains("5.000000 bonded, 2.000000 unbonding, free from 2027-01-15"), text);
    assertTrue(text.contains("3.000000 free, 0.400000 held, of job 1f3a0000"), text);
    JsonNode object = rig.object("wallet", "balance", "-o", "json");
    assertEquals("5000000", object.path("stake").path("bonded").asText());
    assertEquals("3000000", object.path("deposits").path(0).path("free").asText());
  }

  @Test
  void aTopUpIsADepositOfTheSameJob() {
    rig.put(Rig.JOB, JobPhase.RUNNING);

    String text = rig.run("wallet", "deposit", "1f3a", "2.50");

    assertTrue(text.startsWith("depositing 2.500000 for job " + Rig.JOB), text);
    assertTrue(text.contains("done by transaction 0xpaid"), text);
    assertEquals(List.of(Amount.of(2_500_000)), List.copyOf(rig.network.escrow.deposits.values()));
  }

  @Test
  void nobodyTopsUpAJobOfAnother() {
    rig.put(Rig.job(Rig.JOB, SmallJob.BUILDER, JobPhase.RUNNING, List.of(Digest.ZERO), List.of()));

    rig.fail(Declined.class, "belongs to " + SmallJob.BUILDER, "wallet", "deposit", "1f3a", "1");
    assertEquals(0, rig.network.escrow.payments);
  }

  @Test
  void aJobThatEndsGetsNoMoreMoney() {
    Job job = rig.put(Rig.JOB, JobPhase.RUNNING);
    rig.put(
        new Job(
            job.id(),
            job.deposit(),
            job.terms(),
            job.submitted(),
            job.phase(),
            1,
            job.models(),
            job.losses(),
            Optional.of(
                new Job.JobEnd(
                    JobPhase.CANCELLED, new Ending(Ending.Cause.CANCELLED_BY_BUILDER, "so"))),
            0,
            false,
            job.doubt()));

    rig.fail(Declined.class, "has ended or is ending", "wallet", "deposit", "1f3a", "1");
  }

  @Test
  void nobodyDepositsMoreThanTheyHave() {
    rig.put(Rig.JOB, JobPhase.RUNNING);

    rig.fail(InputRefused.class, "1.000000 is missing", "wallet", "deposit", "1f3a", "101");
    assertEquals(0, rig.network.escrow.payments);
  }

  @Test
  void anAmountIsAskedForInWords() {
    String said = rig.misuse("wallet", "stake", "five");
    assertTrue(said.contains("expected an amount such as 5.00"), said);
    assertTrue(rig.misuse("wallet", "stake", "0").contains("above zero"));
  }

  @Test
  void stakeBelowTheLeastIsRefusedBeforeMoneyMoves() {
    Declined thrown =
        rig.fail(
            Declined.class,
            "a worker needs a stake of 5.000000, but 4.000000 would be bonded",
            "wallet",
            "stake",
            "4");
    assertTrue(thrown.fix().contains("Stake 5.000000 or more"), thrown.fix());
    assertEquals(List.of(), rig.network.sent);
  }

  @Test
  void enoughStakeIsBonded() {
    String text = rig.run("wallet", "stake", "5");

    assertTrue(text.startsWith("staking 5.000000 on top of 0.000000"), text);
    assertEquals(List.of("staked 5.000000"), rig.network.sent);
  }

  @Test
  void withoutGasNothingIsSent() {
    rig.network.gas = BigInteger.ZERO;

    rig.fail(InputRefused.class, "has no gas money on chain 31337", "wallet", "stake", "5");
  }

  @Test
  void noMoreIsUnbondedThanIsBonded() {
    rig.fail(Declined.class, "has 0.000000 bonded", "wallet", "unstake", "5");
  }

  @Test
  void stakeIsUnbonded() {
    rig.network.stake =
        new StakeMoney(Amount.of(5_000_000), Amount.ZERO, 0, Amount.ZERO, Amount.ZERO);

    rig.run("wallet", "unstake", "5");

    assertEquals(List.of("unstaked 5.000000"), rig.network.sent);
  }

  @Test
  void aWithdrawalOfNothingIsRefused() {
    rig.fail(Declined.class, "there is nothing to withdraw for", "wallet", "withdraw");
    assertEquals(List.of(), rig.network.sent);
  }

  @Test
  void stakeThatStillUnbondsIsNotPaidOut() {
    rig.network.stake =
        new StakeMoney(Amount.ZERO, Amount.of(5_000_000), 1_900_000_000, Amount.ZERO, Amount.ZERO);

    Declined thrown = rig.fail(Declined.class, "nothing to withdraw", "wallet", "withdraw");
    assertTrue(thrown.fix().contains("5.000000 of stake is free from 2030-03"), thrown.fix());
  }

  @Test
  void payAndFreeStakeAreBothPaidOut() throws Exception {
    rig.network.withdrawable = Amount.of(1);
    rig.network.stake =
        new StakeMoney(Amount.ZERO, Amount.of(5_000_000), 1, Amount.ZERO, Amount.ZERO);

    JsonNode done = rig.object("wallet", "withdraw", "-o", "json").path("withdrawals");

    assertEquals(List.of("withdrew pay", "withdrew stake"), rig.network.sent);
    assertEquals("0xhash2", done.path(1).path("transaction").asText());
  }

  @Test
  void theFaucetGivesGasAndTokens() {
    rig.network.gas = BigInteger.ZERO;

    String text = rig.run("wallet", "faucet", "250");

    assertEquals(List.of("gave 250.000000"), rig.network.sent);
    assertEquals(1, rig.network.gas.signum());
    assertTrue(text.contains("making 250.000000 new tokens"), text);
  }

  @Test
  void elsewhereThereIsNoFaucet() {
    rig.network.development = false;

    rig.fail(Declined.class, "is no development chain", "wallet", "faucet");
    assertEquals(List.of(), rig.network.sent);
  }
}
