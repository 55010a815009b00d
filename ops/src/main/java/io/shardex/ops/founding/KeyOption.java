package io.shardex.ops.founding;

import io.shardex.cli.command.Surroundings;
import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.key.SigningKey;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The deployer's key on a command line. */
final class KeyOption {
  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The deployer's keystore ('shardex wallet new').")
  private @Nullable Path file;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "Holds the keystore's passphrase; without it you are asked.")
  private @Nullable Path passphraseFile;

  /** Whose key it is; needs no passphrase. */
  Address address() {
    return Keystores.address(file());
  }

  SigningKey open() {
    return Keystores.open(
        file(), "--passphrase-file", passphraseFile, Surroundings.ofThisProcess().prompt());
  }

  private Path file() {
    Path named = file;
    if (named == null) {
      throw new Trouble(
          ExitCode.USAGE,
          "the deployer's key is needed, and no --key is given",
          "Name its keystore: --key FILE; 'shardex wallet new --key FILE' makes one");
    }
    return named;
  }
}
