package io.shardex.protocol.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "file");
  private static final char[] PASSPHRASE = "Grüße, 世界".toCharArray();

  @TempDir Path folder;

  @Test
  void aKeySurvivesItsFile() throws Exception {
    Path file = written();
    SigningKey read = KeyFile.read(file, PASSPHRASE);
    assertArrayEquals(KEY.secret(), read.secret());
    assertEquals(KEY.address(), KeyFile.address(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertFalse(Files.readString(file).contains(HexFormat.of().formatHex(KEY.secret())));
  }

  @Test
  void keystoresOfOthersAreRead() throws Exception {
    // The Web3 Secret Storage Definition's test vector for PBKDF2; the address added.
    String secret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
    String pbkdf2 =
        """
        {"address":"008aeeda4d805471df9b2a5b0f38a0c3bcba786b","crypto":{"cipher":"aes-128-ctr",
        "cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
        "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}""";
    // Written by Web3j 4.13's Wallet.createLight.
    String scrypt =
        """
        {"address":"008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
        "id":"e62b917e-d678-4062-a7e2-245cafd9b330","version":3,"crypto":{"cipher":"aes-128-ctr",
        "ciphertext":"45f98ae0fea827c43bf2478a4bca6f44891ff61ed08091d27a7abef366a2808a",
        "cipherparams":{"iv":"616e30d7f335717216b9e750474dc97c"},"kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":4096,"p":6,"r":8,
        "salt":"51522bc6b9310962ba96fba66f44d0ca82af919b2a90ef92a4ac2a8c55aa038f"},
        "mac":"9a2298676492bfc547d9f7fb4463da97d07dbf5ccaaa5aa0f98394914cf65930"}}""";
    for (String json : new String[] {pbkdf2, scrypt}) {
      SigningKey key = KeyFile.read(file(json), "testpassword".toCharArray());
      assertArrayEquals(HexFormat.of().parseHex(secret), key.secret());
    }
  }

  @Test
  void anotherPassphraseIsRefused() throws Exception {
    assertEquals(Reason.WRONG_PASSPHRASE, trouble(written(), "grüße, 世界".toCharArray()));
  }

  @Test
  void aFileThatOthersCanReadIsRefused() throws Exception {
    Path file = written();
    for (String mode : new String[] {"rw-r-----", "rw----r--"}) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      assertEquals(Reason.READABLE_BY_OTHERS, trouble(file, PASSPHRASE), mode);
    }
  }

  @Test
  void anOldFileIsNeverOverwritten() throws Exception {
    Path file = written();
    KeyFileException refused =
        assertThrows(
            KeyFileException.class, () -> KeyFile.write(file, KEY, PASSPHRASE, Strength.LIGHT));
    assertEquals(Reason.EXISTS, refused.reason());
  }

  @Test
  void aMissingFileIsNamed() {
    assertEquals(Reason.MISSING, trouble(folder.resolve("nothing"), PASSPHRASE));
  }

  @Test
  void whatIsNoKeystoreIsRefused() throws Exception {
    String good = Files.readString(written());
    String[] bad = {
      "",
      "null",
      "[]",
      "{}",
      "not json",
      "{\"version\":3}",
      good.replace("\"version\" : 3", "\"version\" : 1"),
      good.replace("aes-128-ctr", "aes-128-cbc"),
      good.replace("\"n\" : 4096", "\"n\" : 4095"),
      good.replace("\"n\" : 4096", "\"n\" : 1073741824"),
      good.replace("\"r\" : 8", "\"r\" : 100000"),
      good.replace("\"scrypt\"", "\"md5\""),
      good.replace("\"mac\" : \"", "\"mac\" : \"00"),
      good.replace("\"iv\" : \"", "\"iv\" : \"zz"),
      good + " ".repeat(20_000),
    };
    for (String json : bad) {
      assertEquals(Reason.NOT_A_KEYSTORE, trouble(file(json), PASSPHRASE), json);
    }
  }

  @Test
  void aFileThatClaimsAnotherAddressIsRefused() throws Exception {
    String good = Files.readString(written());
    String other = SigningKey.fromSeed(2, "other").address().toString().substring(2);
    String json = good.replace(KEY.address().toString().substring(2), other);
    assertEquals(Reason.NOT_A_KEYSTORE, trouble(file(json), PASSPHRASE));
  }

  @Test
  void aPassphraseFileLosesItsLineEndOnly() throws Exception {
    Path file = file(" Grüße \r\n");
    assertArrayEquals(" Grüße ".toCharArray(), Passphrase.fromFile(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    KeyFileException refused =
        assertThrows(KeyFileException.class, () -> Passphrase.fromFile(file));
    assertEquals(Reason.READABLE_BY_OTHERS, refused.reason());
  }

  private Path written() throws KeyFileException {
    Path file = folder.resolve("key.json");
    KeyFile.write(file, KEY, PASSPHRASE, Strength.LIGHT);
    return file;
  }

  private Path file(String content) throws IOException {
    Path file = Files.createTempFile(folder, "key", ".json");
    return Files.writeString(file, content);
  }

  private static Reason trouble(Path file, char[] passphrase) {
    return assertThrows(KeyFileException.class, () -> KeyFile.read(file, passphrase)).reason();
  }
}
