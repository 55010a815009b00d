package io.shardex.protocol.key;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.market.Address;
import io.shardex.protocol.key.KeyFileException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * A signing key in a file: an Ethereum keystore, version 3, that only its owner may read (mode
 * 0600). Passphrases are UTF-8; the caller clears their arrays.
 */
public final class KeyFile {
  private static final int MAX_BYTES = 16 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What an attacker who has the file pays for each guess at the passphrase. */
  public enum Strength {
    /** 4 MiB and some ten milliseconds: for machines that start often, and for demos. */
    LIGHT(1 << 12, 6),
    /** 256 MiB and about a second: for keys that hold money. */
    STANDARD(1 << 18, 1);

    private final int scryptN;
    private final int scryptP;

    Strength(int scryptN, int scryptP) {
      this.scryptN = scryptN;
      this.scryptP = scryptP;
    }
  }

  private KeyFile() {}

  /** Writes a new file; never over an old one. */
  public static void write(Path file, SigningKey key, char[] passphrase, Strength strength)
      throws KeyFileException {
    Keystore keystore =
        Keystore.encrypt(key, passphrase, strength.scryptN, strength.scryptP, new SecureRandom());
    try {
      PrivateFile.create(
          file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(keystore.toJson()));
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree of texts and numbers is always written", e);
    }
  }

  /** Opens a file with its passphrase. */
  public static SigningKey read(Path file, char[] passphrase) throws KeyFileException {
    Keystore keystore = keystore(file);
    try {
      return keystore
          .decrypt(passphrase)
          .orElseThrow(
              () ->
                  new KeyFileException(
                      Reason.WRONG_PASSPHRASE, file, "the passphrase does not open this key"));
    } catch (IllegalArgumentException e) {
      throw notAKeystore(file, e);
    }
  }

  /** Whose key the file says it holds; needs no passphrase. */
  public static Address address(Path file) throws KeyFileException {
    return keystore(file).address();
  }

  private static Keystore keystore(Path file) throws KeyFileException {
    byte[] content = PrivateFile.read(file, MAX_BYTES);
    try {
      return Keystore.fromJson(JSON.readTree(content));
    } catch (IOException | IllegalArgumentException e) {
      throw notAKeystore(file, e);
    }
  }

  private static KeyFileException notAKeystore(Path file, Exception cause) {
    String why = cause instanceof JsonProcessingException ? "it is not JSON" : cause.getMessage();
    KeyFileException trouble =
        new KeyFileException(
            Reason.NOT_A_KEYSTORE, file, "expected a version 3 keystore, but " + why);
    trouble.initCause(cause);
    return trouble;
  }
}
