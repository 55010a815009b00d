package io.shardex.ops.launch;

import io.shardex.cli.command.Surroundings.Prompt;
import io.shardex.market.Address;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** People's keystores: opened and made with a passphrase from a file or a prompt. */
public final class Keystores {
  private Keystores() {}

  /** Whose key it is; needs no passphrase. */
  public static Address address(Path keystore) {
    try {
      return KeyFile.address(keystore);
    } catch (KeyFileException e) {
      throw told(e);
    }
  }

  /**
   * Opens a keystore.
   *
   * @param flag names the passphrase's file on the command line
   * @param passphraseFile what it named; without one the prompt asks
   */
  public static SigningKey open(
      Path keystore, String flag, @Nullable Path passphraseFile, Prompt prompt) {
    Address whose = address(keystore);
    try {
      char[] passphrase =
          passphraseFile == null
              ? asked(prompt, "Passphrase of " + whose, keystore, flag)
              : Passphrase.fromFile(passphraseFile);
      try {
        return KeyFile.read(keystore, passphrase);
      } finally {
        Arrays.fill(passphrase, '\0');
      }
    } catch (KeyFileException e) {
      throw told(e);
    }
  }

  /**
   * Makes a key in a new keystore, never over an old one; a prompt asks for its passphrase twice.
   *
   * @param flag names the passphrase's file on the command line
   * @param passphraseFile what it named; without one the prompt asks
   */
  public static SigningKey create(
      Path keystore, String flag, @Nullable Path passphraseFile, Prompt prompt) {
    try {
      char[] passphrase =
          passphraseFile == null
              ? askedTwice(prompt, keystore, flag)
              : Passphrase.fromFile(passphraseFile);
      try {
        if (passphrase.length == 0) {
          throw new Trouble(
              ExitCode.USAGE, "the passphrase is empty", "Choose one; no key was written");
        }
        SigningKey key = SigningKey.random(new SecureRandom());
        KeyFile.write(keystore, key, passphrase, KeyFile.Strength.STANDARD);
        return key;
      } finally {
        Arrays.fill(passphrase, '\0');
      }
    } catch (KeyFileException e) {
      throw told(e);
    }
  }

  /** What is wrong with a key or passphrase file, and its fix. */
  public static Trouble told(KeyFileException failure) {
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

  private static char[] askedTwice(Prompt prompt, Path keystore, String flag) {
    char[] once = asked(prompt, "New passphrase of " + keystore, keystore, flag);
    char[] again = asked(prompt, "The same again", keystore, flag);
    boolean equal = Arrays.equals(once, again);
    Arrays.fill(again, '\0');
    if (!equal) {
      Arrays.fill(once, '\0');
      throw new Trouble(
          ExitCode.USAGE, "the two passphrases differ", "Try again; no key was written");
    }
    return once;
  }

  private static char[] asked(Prompt prompt, String question, Path keystore, String flag) {
    return prompt
        .ask(question)
        .orElseThrow(
            () ->
                Trouble.environment(
                    "a passphrase is needed for "
                        + keystore
                        + ", and there is no terminal to ask for it",
                    "Put it into a file of mode 0600 and name that: " + flag + " FILE"));
  }
}
