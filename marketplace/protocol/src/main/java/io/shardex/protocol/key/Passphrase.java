package io.shardex.protocol.key;

import java.io.Console;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** Where passphrases come from: a private file or a prompt, never an argument. */
public final class Passphrase {
  private static final int MAX_BYTES = 4 * 1024;

  private Passphrase() {}

  /** The file's UTF-8 text without the line end; the file must be readable by its owner only. */
  public static char[] fromFile(Path file) throws KeyFileException {
    byte[] bytes = PrivateFile.read(file, MAX_BYTES);
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    CharBuffer decoded = CharBuffer.allocate(end);
    StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .decode(ByteBuffer.wrap(bytes, 0, end), decoded, true);
    char[] passphrase = Arrays.copyOf(decoded.array(), decoded.position());
    Arrays.fill(decoded.array(), '\0');
    Arrays.fill(bytes, (byte) 0);
    return passphrase;
  }

  /** Writes a new file with a passphrase of 128 random bits; never over an old one. */
  public static char[] toNewFile(Path file, SecureRandom chance) throws KeyFileException {
    byte[] random = new byte[16];
    chance.nextBytes(random);
    String text = HexFormat.of().formatHex(random);
    PrivateFile.create(file, (text + "\n").getBytes(StandardCharsets.US_ASCII));
    return text.toCharArray();
  }

  /** Asks on the terminal without echo; empty when the input ends. */
  public static Optional<char[]> prompt(Console console, String question) {
    return Optional.ofNullable(console.readPassword("%s: ", question));
  }
}
