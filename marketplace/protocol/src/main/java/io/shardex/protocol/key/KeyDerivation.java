package io.shardex.protocol.key;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.params.KeyParameter;

/** How a keystore makes 32 bytes of a passphrase: scrypt (RFC 7914) or PBKDF2 with HMAC-SHA-256. */
sealed interface KeyDerivation {
  int KEY_BYTES = 32;
  int MAX_UTF8_BYTES = 3; // of one Java char
  HexFormat HEX = HexFormat.of();

  byte[] derive(char[] passphrase);

  /** The name and parameters in the keystore's {@code crypto} object. */
  void write(ObjectNode crypto);

  /** Costs 128 * n * r bytes of memory; bounded to 1 GiB, so a hostile file cannot take more. */
  record Scrypt(int n, int r, int p, String salt) implements KeyDerivation {
    public Scrypt {
      require(n >= 2 && Integer.bitCount(n) == 1 && n <= 1 << 20, "scrypt n", n);
      require(r >= 1 && r <= 64 && 128L * n * r <= 1 << 30, "scrypt r", r);
      require(p >= 1 && p <= 64, "scrypt p", p);
    }

    @Override
    public byte[] derive(char[] passphrase) {
      byte[] bytes = utf8(passphrase);
      try {
        return SCrypt.generate(bytes, HEX.parseHex(salt), n, r, p, KEY_BYTES);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }

    @Override
    public void write(ObjectNode crypto) {
      crypto.put("kdf", "scrypt");
      ObjectNode params = crypto.putObject("kdfparams");
      params.put("dklen", KEY_BYTES).put("n", n).put("p", p).put("r", r);
      params.put("salt", salt);
    }
  }

  /** Read, never written. */
  record Pbkdf2(int iterations, String salt) implements KeyDerivation {
    public Pbkdf2 {
      require(iterations >= 1 && iterations <= 10_000_000, "pbkdf2 c", iterations);
    }

    @Override
    public byte[] derive(char[] passphrase) {
      byte[] bytes = utf8(passphrase);
      try {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
        generator.init(bytes, HEX.parseHex(salt), iterations);
        return ((KeyParameter) generator.generateDerivedMacParameters(KEY_BYTES * 8)).getKey();
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }

    @Override
    public void write(ObjectNode crypto) {
      crypto.put("kdf", "pbkdf2");
      ObjectNode params = crypto.putObject("kdfparams");
      params.put("c", iterations).put("dklen", KEY_BYTES).put("prf", "hmac-sha256");
      params.put("salt", salt);
    }
  }

  /** Reads a {@code crypto} object; throws {@link IllegalArgumentException} for what is no KDF. */
  static KeyDerivation read(JsonNode crypto) {
    JsonNode params = crypto.path("kdfparams");
    require(params.path("dklen").asInt() == KEY_BYTES, "dklen", params.path("dklen"));
    String salt = params.path("salt").asText();
    String name = crypto.path("kdf").asText();
    return switch (name) {
      case "scrypt" ->
          new Scrypt(number(params, "n"), number(params, "r"), number(params, "p"), salt);
      case "pbkdf2" -> {
        require(params.path("prf").asText().equals("hmac-sha256"), "prf", params.path("prf"));
        yield new Pbkdf2(number(params, "c"), salt);
      }
      case String unknown -> throw new IllegalArgumentException("kdf is '" + unknown + "'");
    };
  }

  private static int number(JsonNode params, String name) {
    return params.path(name).asInt();
  }

  private static void require(boolean holds, String what, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(what + " is " + found);
    }
  }

  private static byte[] utf8(char[] passphrase) {
    ByteBuffer encoded = ByteBuffer.allocate(passphrase.length * MAX_UTF8_BYTES);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(CharBuffer.wrap(passphrase), encoded, true);
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return bytes;
  }
}
