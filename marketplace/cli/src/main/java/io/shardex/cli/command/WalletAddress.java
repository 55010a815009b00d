package io.shardex.cli.command;

import io.shardex.market.Address;
import picocli.CommandLine.Command;

/** {@code shardex wallet address}. */
@Command(
    name = "address",
    description = "Shows whose key the keystore holds; needs no passphrase.",
    footer = {
      "  shardex wallet address",
      "  shardex wallet address --key builder.json",
    })
final class WalletAddress extends NetworkCommand {
  WalletAddress(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Address address = session.wallet().address();
    screen.line(address.toString());
    screen.object(Screen.object().put("address", address.toString()));
  }
}
