package io.shardex.protocol.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The certificates of the network's CA: who holds one that it signed is a node. Usually one; two
 * while a new CA takes the place of an old one.
 *
 * @param certificates 1 to {@value #MOST} of them, each a CA's
 */
public record TrustRoots(List<X509Certificate> certificates) {
  private static final int MOST = 4;
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  /** Refuses with {@link IllegalArgumentException} what is no CA's certificate. */
  public TrustRoots {
    certificates = List.copyOf(certificates);
    if (certificates.isEmpty() || certificates.size() > MOST) {
      throw new IllegalArgumentException(
          "expected 1 to %d CA certificates, but found %d".formatted(MOST, certificates.size()));
    }
    for (X509Certificate certificate : certificates) {
      if (certificate.getBasicConstraints() < 0) {
        throw new IllegalArgumentException(
            "expected the certificate of a CA, but that of "
                + certificate.getSubjectX500Principal()
                + " is not one");
      }
    }
  }

  /** Reads PEM text; {@link IllegalArgumentException} if it is not that. */
  public static TrustRoots parse(String pem) {
    try {
      return new TrustRoots(certificates(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new IllegalArgumentException(
          "expected a CA certificate as PEM, but it cannot be read: " + e.getMessage(), e);
    }
  }

  /** The certificates as PEM text, each with lines of 64 characters. */
  public String toPem() {
    return certificates.stream().map(TrustRoots::pem).collect(Collectors.joining());
  }

  /** Trusts these roots and no others; checks the host's name where TLS asks for it. */
  public X509ExtendedTrustManager trustManager() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("ca-" + i, certificates.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the JDK has no trust manager for X.509"));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK trusts X.509 certificates", e);
    }
  }

  static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
    List<X509Certificate> found = new ArrayList<>();
    for (Certificate one :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      found.add((X509Certificate) one);
    }
    return found;
  }

  private static String pem(X509Certificate certificate) {
    try {
      return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          .formatted(LINES.encodeToString(certificate.getEncoded()));
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read has an encoding", e);
    }
  }
}
