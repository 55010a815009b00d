package io.shardex.protocol.tls;

import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.PrivateFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/**
 * As whom a node appears in TLS, to clients and to the other nodes: its certificate, which the
 * network's CA signed, and the key of it.
 */
public final class NodeCertificate {
  private static final int MAX_BYTES = 64 << 10;
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  /** Extended key usage of a server and of a client: a node is both to the others. */
  private static final List<String> USAGES = List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

  private final PrivateKey key;
  private final List<X509Certificate> chain;
  private final TrustRoots roots;

  private NodeCertificate(PrivateKey key, List<X509Certificate> chain, TrustRoots roots) {
    this.key = key;
    this.chain = List.copyOf(chain);
    this.roots = roots;
  }

  /**
   * Reads and checks a node's certificate and key.
   *
   * @param certificate PEM: the node's certificate first, then those between it and the root if
   *     there are any
   * @param key PEM: the unencrypted PKCS#8 key, of mode 0600
   * @param roots the network's CA
   * @param hosts where others connect to the node; the certificate must name each of them
   * @throws TlsRefused if a file is missing or malformed, if others may read the key, if it is not
   *     the certificate's, or if the certificate is expired, names other hosts or is of another CA
   */
  public static NodeCertificate read(
      Path certificate, Path key, TrustRoots roots, Collection<String> hosts, Instant now)
      throws TlsRefused {
    List<X509Certificate> chain = chain(certificate);
    X509Certificate own = chain.getFirst();
    PrivateKey secret = key(key, own.getPublicKey());
    requireFresh(certificate, own, now);
    requireSigned(certificate, chain, roots, now);
    requireUsages(certificate, own);
    requireHosts(certificate, own, hosts);
    requirePair(certificate, own.getPublicKey(), key, secret);
    return new NodeCertificate(secret, chain, roots);
  }

  /** The node's certificate and those between it and the root. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** When it ends; from then on nobody speaks with the node any more. */
  public Instant expires() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /** The network's CA. */
  public TrustRoots roots() {
    return roots;
  }

  /** Shows this certificate. */
  public X509ExtendedKeyManager keyManager() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      char[] none = new char[0];
      store.setKeyEntry("node", key, none, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, none);
      return Arrays.stream(factory.getKeyManagers())
          .filter(X509ExtendedKeyManager.class::isInstance)
          .map(X509ExtendedKeyManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the JDK has no key manager for X.509"));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a checked key and certificate can be shown", e);
    }
  }

  /** TLS in which this certificate is shown and the roots' are asked for. */
  public SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {keyManager()}, new TrustManager[] {roots.trustManager()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static List<X509Certificate> chain(Path file) throws TlsRefused {
    if (!Files.isRegularFile(file)) {
      throw new TlsRefused(
          "there is no certificate " + file, "Let the network's CA issue one: 'shardex ca issue'");
    }
    String fix = "Put there the PEM file that 'shardex ca issue' wrote";
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new TlsRefused(file + " is too long for a certificate", fix);
      }
      List<X509Certificate> chain = TrustRoots.certificates(Files.readAllBytes(file));
      if (chain.isEmpty()) {
        throw new TlsRefused("there is no certificate in " + file, fix);
      }
      return chain;
    } catch (CertificateException | IOException e) {
      throw new TlsRefused("the certificate " + file + " cannot be read: " + e, fix, e);
    }
  }

  private static PrivateKey key(Path file, PublicKey counterpart) throws TlsRefused {
    String fix = "Put there the PEM file (PKCS#8, unencrypted) that was made with the request";
    try (PemReader reader =
        new PemReader(
            new InputStreamReader(
                new ByteArrayInputStream(PrivateFile.read(file, MAX_BYTES)),
                StandardCharsets.US_ASCII))) {
      PemObject pem = reader.readPemObject();
      if (pem == null || !pem.getType().equals("PRIVATE KEY")) {
        throw new TlsRefused(
            "expected a 'PRIVATE KEY' in %s, but found %s"
                .formatted(file, pem == null ? "none" : "'" + pem.getType() + "'"),
            fix);
      }
      return KeyFactory.getInstance(counterpart.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(pem.getContent()));
    } catch (KeyFileException e) {
      throw new TlsRefused(
          "the key of the certificate cannot be used: " + e.getMessage(),
          "Mend the file or its rights",
          e);
    } catch (IOException | GeneralSecurityException e) {
      // Not the cause's words: they could hold parts of the key.
      throw new TlsRefused("the key " + file + " is malformed or not of the certificate", fix);
    }
  }

  private static void requireFresh(Path file, X509Certificate own, Instant now) throws TlsRefused {
    if (now.isAfter(own.getNotAfter().toInstant())) {
      throw new TlsRefused(
          "the certificate %s ended at %s".formatted(file, own.getNotAfter().toInstant()),
          "Let the network's CA issue a new one: 'shardex ca issue'");
    }
    if (now.isBefore(own.getNotBefore().toInstant())) {
      throw new TlsRefused(
          "the certificate %s begins at %s, and it is %s"
              .formatted(file, own.getNotBefore().toInstant(), now),
          "Set this machine's clock, or wait");
    }
  }

  private static void requireSigned(
      Path file, List<X509Certificate> chain, TrustRoots roots, Instant now) throws TlsRefused {
    try {
      PKIXParameters parameters =
          new PKIXParameters(
              roots.certificates().stream()
                  .map(root -> new TrustAnchor(root, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      var unused =
          CertPathValidator.getInstance("PKIX")
              .validate(
                  CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    } catch (GeneralSecurityException e) {
      throw new TlsRefused(
          "the certificate %s is not of the network's CA, %s: %s"
              .formatted(
                  file,
                  roots.certificates().stream()
                      .map(root -> root.getSubjectX500Principal().toString())
                      .collect(Collectors.joining(" or ")),
                  e.getMessage()),
          "Let the CA whose certificate is in the network file issue one",
          e);
    }
  }

  private static void requireUsages(Path file, X509Certificate own) throws TlsRefused {
    try {
      List<String> usages = own.getExtendedKeyUsage();
      if (usages != null && !usages.containsAll(USAGES)) {
        throw new TlsRefused(
            "the certificate %s is not for both, server and client".formatted(file),
            "Let the network's CA issue one with both extended key usages");
      }
    } catch (CertificateException e) {
      throw new TlsRefused("the certificate " + file + " is malformed", "Get it anew", e);
    }
  }

  private static void requireHosts(Path file, X509Certificate own, Collection<String> hosts)
      throws TlsRefused {
    Set<String> named = names(file, own);
    Set<String> missing = new TreeSet<>();
    for (String host : hosts) {
      if (!named.contains(canonical(host))) {
        missing.add(host);
      }
    }
    if (!missing.isEmpty()) {
      throw new TlsRefused(
          "the certificate %s is for %s, but others connect to %s"
              .formatted(file, named, String.join(", ", missing)),
          "Let the network's CA issue one with "
              + missing.stream().map(host -> "--host " + host).collect(Collectors.joining(" "))
              + ", or mend the hosts in the network file");
    }
  }

  private static Set<String> names(Path file, X509Certificate own) throws TlsRefused {
    Set<String> names = new TreeSet<>();
    try {
      Collection<List<?>> alternatives = own.getSubjectAlternativeNames();
      for (List<?> name : alternatives == null ? new ArrayList<List<?>>() : alternatives) {
        int kind = (Integer) name.getFirst();
        if (kind == DNS_NAME || kind == IP_ADDRESS) {
          names.add(canonical(String.valueOf(name.get(1))));
        }
      }
      return names;
    } catch (CertificateException e) {
      throw new TlsRefused("the certificate " + file + " is malformed", "Get it anew", e);
    }
  }

  /** Equal for two spellings of a name or an address; resolves nothing. */
  private static String canonical(String host) {
    if (host.contains(":") || host.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
      try {
        return InetAddress.getByName(host).getHostAddress();
      } catch (UnknownHostException e) {
        return host;
      }
    }
    return host.toLowerCase(java.util.Locale.ROOT);
  }

  private static void requirePair(Path file, PublicKey shown, Path keyFile, PrivateKey secret)
      throws TlsRefused {
    byte[] probe = "shardex".getBytes(StandardCharsets.US_ASCII);
    String algorithm =
        switch (secret.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> secret.getAlgorithm();
        };
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(secret);
      signing.update(probe);
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(shown);
      verifying.update(probe);
      if (verifying.verify(signing.sign())) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // Told below: a key that cannot sign what the certificate verifies is not its key.
    }
    throw new TlsRefused(
        "the key %s is not that of the certificate %s".formatted(keyFile, file),
        "Put there the key that was made with the certificate's request");
  }
}
