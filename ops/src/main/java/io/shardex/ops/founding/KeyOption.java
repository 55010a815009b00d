package io.shardex.ops.founding;

import io.shardex.cli.command.Surroundings;
import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import java.nio.file.Path;
import java.util.Arrays;
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
    try {
      return KeyFile.address(file());
    } catch (KeyFileException e) {
      throw told(e);
    }
  }

  SigningKey open() {
    Path keystore = file();
    try {
      char[] passphrase = passphrase();
      try {
        return KeyFile.read(keystore, passphrase);
      } finally {
        Arrays.fill(passphrase, '\0');
      }
    } catch (KeyFileException e) {
      throw told(e);
    }
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

  private char[] passphrase() throws KeyFileException {
    Path named = passphraseFile;
    if (named != null) {
      return Passphrase.fromFile(named);
    }
    return Surroundings.ofThisProcess()
        .prompt()
        .ask("Passphrase of " + address())
        .orElseThrow(
            () ->
                Trouble.environment(
                    "a passphrase is needed for "
                        + file()
                        + ", and there is no terminal to ask for it",
                    "Put it into a file of mode 0600 and name that: --passphrase-file FILE"));
  }

  static Trouble told(KeyFileException failure) {
    String what = String.valueOf(failure.getMessage());
    return new Trouble(
        failure.reason() == KeyFileException.Reason.MISSING ? ExitCode.ENVIRONMENT : ExitCode.USAGE,
        what,
        switch (failure.reason()) {
          case MISSING -> "Check the path; 'shardex wallet new --key FILE' makes a key";
          case EXISTS -> "Name another file, or go on with this one";
          case READABLE_BY_OTHERS, UNREADABLE -> "Mend the file's owner and rights";
          case NOT_A_KEYSTORE -> "Name a keystore, version 3";
          case WRONG_PASSPHRASE -> "Type it again, or name the file that holds it";
        },
        failure);
  }
}
