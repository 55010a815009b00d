package io.shardex.ops.role;

import io.shardex.cli.command.Surroundings.Prompt;
import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.key.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Who owns a new worker, and where the key is that endorses it. */
sealed interface InitOwner {
  /** An address whose key is elsewhere. */
  record Elsewhere(Address address) implements InitOwner {}

  /** A keystore that is here. */
  record Here(Path keystore) implements InitOwner {}

  /** A keystore to be made. */
  record Made(Path keystore) implements InitOwner {}

  /**
   * Whom {@code --owner} means.
   *
   * @param text a keystore, {@code new} or an address
   * @param dir where a new keystore goes
   */
  static InitOwner of(String text, Path dir) {
    if (text.equals("new")) {
      Path keystore = dir.resolve("owner.json");
      if (Files.exists(keystore)) {
        throw new Trouble(
            ExitCode.USAGE,
            keystore + " is there already, and a key is never written over",
            "Take it: --owner " + keystore);
      }
      return new Made(keystore);
    }
    if (text.startsWith("0x")) {
      try {
        return new Elsewhere(Address.parse(text));
      } catch (IllegalArgumentException e) {
        throw new Trouble(
            ExitCode.USAGE,
            "--owner: '" + text + "' is no address",
            "An address is 0x and 40 hex digits; 'shardex wallet address --key FILE' prints it");
      }
    }
    if (!Files.exists(Path.of(text))) {
      throw new Trouble(
          ExitCode.USAGE,
          "--owner: '" + text + "' is neither a file nor an address",
          "Name a keystore, 'new', or an address: 0x and 40 hex digits");
    }
    return new Here(Path.of(text));
  }

  /** The owner's key, if it is here; a new one is written. */
  default Optional<SigningKey> key(Optional<Path> passphraseFile, Prompt prompt) {
    String flag = "--owner-passphrase-file";
    Path passphrase = passphraseFile.orElse(null);
    return switch (this) {
      case Elsewhere elsewhere -> Optional.empty();
      case Here here -> Optional.of(Keystores.open(here.keystore(), flag, passphrase, prompt));
      case Made made -> Optional.of(Keystores.create(made.keystore(), flag, passphrase, prompt));
    };
  }

  /** The address, unless its key is yet to be made. */
  default Optional<Address> known() {
    return switch (this) {
      case Elsewhere elsewhere -> Optional.of(elsewhere.address);
      case Here here -> Optional.of(Keystores.address(here.keystore()));
      case Made made -> Optional.empty();
    };
  }

  /** How a command line names the owner's keystore. */
  default String keystoreText() {
    return switch (this) {
      case Elsewhere elsewhere -> "OWNER.json";
      case Here here -> here.keystore().toString();
      case Made made -> made.keystore().toString();
    };
  }
}
