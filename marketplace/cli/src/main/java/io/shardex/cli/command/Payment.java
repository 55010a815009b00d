package io.shardex.cli.command;

import io.shardex.cli.InputRefused;
import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import java.util.function.Supplier;

/** Says what a transaction will do before it is sent, and its hash after. */
final class Payment {
  private Payment() {}

  /**
   * @param what with the verb in front, such as {@code staking 5.000000}
   */
  static void make(String what, Screen screen, Supplier<String> transaction) {
    screen.note(what);
    String hash = transaction.get();
    screen.line("done by transaction " + hash);
    screen.object(Screen.object().put("done", what).put("transaction", hash));
  }

  /** Refuses what the account does not have. */
  static void require(Amount wanted, Amount balance, Address account) throws InputRefused {
    if (balance.isLessThan(wanted)) {
      throw new InputRefused(
          "account %s has %s, and %s is wanted: %s is missing"
              .formatted(account, balance, wanted, wanted.minus(balance)),
          "Send the account what is missing, or take less; on a development chain: shardex wallet"
              + " faucet");
    }
  }
}
