package io.shardex.cli.command;

import io.shardex.cli.InputRefused;
import io.shardex.cli.Unprepared;
import io.shardex.market.Address;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The user's keystore, and the passphrase that opens it. */
final class Wallet {
  private final Path file;
  private final Optional<Path> passphraseFile;
  private final Surroundings.Prompt prompt;

  Wallet(Settings settings, Surroundings around) {
    this.file = settings.path(Setting.KEY);
    this.passphraseFile = settings.passphraseFile();
    this.prompt = around.prompt();
  }

  Path file() {
    return file;
  }

  /** Whose key it is; needs no passphrase. */
  Address address() throws InputRefused, Unprepared {
    try {
      return KeyFile.address(file);
    } catch (KeyFileException e) {
      throw told(e, file);
    }
  }

  /** Opens it with the passphrase. */
  SigningKey open() throws InputRefused, Unprepared {
    Address whose = address();
    char[] passphrase = passphrase("Passphrase of " + whose);
    try {
      return KeyFile.read(file, passphrase);
    } catch (KeyFileException e) {
      throw told(e, file);
    } finally {
      Arrays.fill(passphrase, '\0');
    }
  }

  /** Writes a new key, never over an old one. */
  Address create(KeyFile.Strength strength) throws IOException, InputRefused, Unprepared {
    if (Files.exists(file)) {
      throw new InputRefused(
          file + " is there already, and a key is never written over",
          "Name another file: --key FILE");
    }
    makeFolder(file.toAbsolutePath().getParent());
    char[] passphrase = newPassphrase();
    try {
      SigningKey key = SigningKey.random(new SecureRandom());
      KeyFile.write(file, key, passphrase, strength);
      return key.address();
    } catch (KeyFileException e) {
      throw told(e, file);
    } finally {
      Arrays.fill(passphrase, '\0');
    }
  }

  private static void makeFolder(@Nullable Path folder) throws IOException {
    if (folder != null && !Files.exists(folder)) {
      makeFolder(folder.getParent());
      try {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.createDirectory(
              folder,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
          Files.createDirectory(folder);
        }
      } catch (FileAlreadyExistsException e) {
        // Somebody was faster.
      }
    }
  }

  private char[] newPassphrase() throws InputRefused, Unprepared {
    char[] once = passphrase("New passphrase");
    if (passphraseFile.isEmpty()) {
      char[] again = passphrase("The same again");
      boolean equal = Arrays.equals(once, again);
      Arrays.fill(again, '\0');
      if (!equal) {
        Arrays.fill(once, '\0');
        throw new InputRefused("the two passphrases differ", "Try again; no key was written");
      }
    }
    if (once.length == 0) {
      throw new InputRefused("the passphrase is empty", "Choose one; no key was written");
    }
    return once;
  }

  private char[] passphrase(String question) throws InputRefused, Unprepared {
    if (passphraseFile.isPresent()) {
      try {
        return Passphrase.fromFile(passphraseFile.get());
      } catch (KeyFileException e) {
        throw told(e, passphraseFile.get());
      }
    }
    return prompt
        .ask(question)
        .orElseThrow(
            () ->
                new Unprepared(
                    "a passphrase is needed for "
                        + file
                        + ", and there is no terminal to ask for it",
                    "Put it into a file of mode 0600 and name that: --passphrase-file FILE, or"
                        + " SHARDEX_PASSPHRASE_FILE"));
  }

  /** Which is always thrown; the return value tells the compiler. */
  private InputRefused told(KeyFileException failure, Path which) throws Unprepared {
    String what = String.valueOf(failure.getMessage());
    return switch (failure.reason()) {
      case MISSING ->
          throw new Unprepared(
              which.equals(file)
                  ? "there is no key in " + which
                  : "there is no passphrase file " + which,
              which.equals(file)
                  ? "Make one with 'shardex wallet new', or name another: --key FILE"
                  : "Write it, with mode 0600, or name another: --passphrase-file FILE");
      case READABLE_BY_OTHERS ->
          throw new Unprepared(what, "Take the others' rights away: chmod 600 " + which);
      case UNREADABLE -> throw new Unprepared(what, "See whose file it is and what its mode is");
      case EXISTS -> new InputRefused(what, "Name another file: --key FILE");
      case NOT_A_KEYSTORE ->
          new InputRefused(what, "Name a keystore, version 3: --key FILE, or make one anew");
      case WRONG_PASSPHRASE ->
          new InputRefused(
              what, "Type it again, or name the file that holds it: --passphrase-file FILE");
    };
  }
}
