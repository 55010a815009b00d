package io.shardex.protocol.key;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An encrypted key as the Web3 Secret Storage Definition, version 3, lays it out: AES-128-CTR under
 * the first half of the derived key, Keccak-256 of the other half and the cipher text as check.
 */
record Keystore(Address address, String iv, String cipherText, String mac, KeyDerivation kdf) {
  private static final int HALF = KeyDerivation.KEY_BYTES / 2;
  private static final HexFormat HEX = HexFormat.of();

  Keystore {
    requireHex("iv", iv, HALF);
    requireHex("ciphertext", cipherText, SigningKey.BYTES);
    requireHex("mac", mac, Digest.BYTES);
  }

  static Keystore encrypt(
      SigningKey key, char[] passphrase, int scryptN, int scryptP, SecureRandom chance) {
    byte[] salt = new byte[KeyDerivation.KEY_BYTES];
    byte[] iv = new byte[HALF];
    chance.nextBytes(salt);
    chance.nextBytes(iv);
    KeyDerivation kdf = new KeyDerivation.Scrypt(scryptN, 8, scryptP, HEX.formatHex(salt));
    byte[] derived = kdf.derive(passphrase);
    byte[] cipherText = crypt(Cipher.ENCRYPT_MODE, derived, iv, key.secret());
    return new Keystore(
        key.address(),
        HEX.formatHex(iv),
        HEX.formatHex(cipherText),
        HEX.formatHex(mac(derived, cipherText)),
        kdf);
  }

  /** The key, or empty when the passphrase is another one. */
  Optional<SigningKey> decrypt(char[] passphrase) {
    byte[] derived = kdf.derive(passphrase);
    byte[] text = HEX.parseHex(cipherText);
    if (!MessageDigest.isEqual(HEX.parseHex(mac), mac(derived, text))) {
      return Optional.empty();
    }
    SigningKey key = SigningKey.of(crypt(Cipher.DECRYPT_MODE, derived, HEX.parseHex(iv), text));
    require(key.address().equals(address), "the key inside belongs to " + key.address());
    return Optional.of(key);
  }

  ObjectNode toJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("address", HEX.formatHex(address.bytes()));
    ObjectNode crypto = root.putObject("crypto");
    crypto.put("cipher", "aes-128-ctr");
    crypto.putObject("cipherparams").put("iv", iv);
    crypto.put("ciphertext", cipherText);
    kdf.write(crypto);
    crypto.put("mac", mac);
    // The definition asks for an id; one made of the address tells nothing new.
    root.put("id", UUID.nameUUIDFromBytes(address.bytes()).toString());
    root.put("version", 3);
    return root;
  }

  /** Throws {@link IllegalArgumentException} that says what is no version 3 keystore. */
  static Keystore fromJson(JsonNode root) {
    require(root.path("version").asInt() == 3, "version is " + root.path("version"));
    JsonNode crypto = root.has("crypto") ? root.path("crypto") : root.path("Crypto");
    String cipher = crypto.path("cipher").asText();
    require(cipher.equals("aes-128-ctr"), "cipher is '" + cipher + "'");
    return new Keystore(
        Address.parse(root.path("address").asText()),
        crypto.path("cipherparams").path("iv").asText(),
        crypto.path("ciphertext").asText(),
        crypto.path("mac").asText(),
        KeyDerivation.read(crypto));
  }

  private static byte[] mac(byte[] derived, byte[] cipherText) {
    return Keccak.hash(Arrays.copyOfRange(derived, HALF, KeyDerivation.KEY_BYTES), cipherText);
  }

  private static byte[] crypt(int mode, byte[] derived, byte[] iv, byte[] text) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(mode, new SecretKeySpec(derived, 0, HALF, "AES"), new IvParameterSpec(iv));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has AES in counter mode", e);
    }
  }

  private static void requireHex(String name, String hex, int bytes) {
    int found = HEX.parseHex(hex).length;
    require(found == bytes, name + " has " + found + " bytes");
  }

  private static void require(boolean holds, String detail) {
    if (!holds) {
      throw new IllegalArgumentException(detail);
    }
  }
}
