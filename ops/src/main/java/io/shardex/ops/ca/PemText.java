package io.shardex.ops.ca;

import java.io.IOException;
import java.io.StringWriter;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;

/** What the CA makes, as PEM text; and its kind of key, P-256. */
final class PemText {
  private PemText() {}

  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
      throw new IllegalStateException("every JDK makes P-256 keys", e);
    }
  }

  /** A key as PKCS#8, unencrypted: for private files only. */
  static String of(PrivateKey key) throws IOException {
    return write(new JcaPKCS8Generator(key, null));
  }

  /** A certificate or a request. */
  static String of(Object value) throws IOException {
    return write(new JcaMiscPEMGenerator(value));
  }

  private static String write(PemObjectGenerator content) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(content);
    }
    return text.toString().replace("\r\n", "\n");
  }
}
