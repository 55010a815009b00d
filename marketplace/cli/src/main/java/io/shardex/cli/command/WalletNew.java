package io.shardex.cli.command;

import io.shardex.market.Address;
import io.shardex.protocol.key.KeyFile.Strength;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code shardex wallet new}. */
@Command(
    name = "new",
    description = {
      "Makes a key in a new keystore that only you can read.",
      "",
      "Nobody can open it without its passphrase, and nobody can give that back: keep both."
    },
    footer = {
      "  shardex wallet new",
      "  shardex wallet new --key builder.json --passphrase-file secret.txt",
      "  shardex wallet new --light       opens in milliseconds, for keys without worth",
    })
final class WalletNew extends NetworkCommand {
  @Option(
      names = "--light",
      description = "A weak keystore (4 MiB, some ms): whoever gets the file guesses faster.")
  private boolean light;

  WalletNew(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Address address = session.wallet().create(light ? Strength.LIGHT : Strength.STANDARD);
    screen.line(address.toString());
    screen.note("its key is in " + session.wallet().file());
    screen.object(
        Screen.object()
            .put("address", address.toString())
            .put("file", session.wallet().file().toString()));
  }
}
