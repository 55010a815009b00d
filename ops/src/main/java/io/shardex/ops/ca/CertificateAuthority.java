package io.shardex.ops.ca;

import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.PrivateFile;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The network's certificate authority, in a folder: {@code ca.key} (P-256, mode 0600) and {@code
 * ca.pem}. It signs certificates of nodes and of nothing else, so whoever holds one is a node; it
 * is needed only to let a node in or to renew a certificate, never while the network runs.
 */
public final class CertificateAuthority {
  /** How long a CA is good if nothing else is asked for, in days: ten years. */
  public static final int CA_DAYS = 3_650;

  /** How long a node's certificate is good if nothing else is asked for, in days. */
  public static final int NODE_DAYS = 397;

  private static final int MOST_DAYS = 36_500;
  private static final int SERIAL_BITS = 127;
  private static final int MAX_BYTES = 64 << 10;

  /** Machines whose clocks are a little late take a new certificate, too. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private final X509Certificate certificate;
  private final PrivateKey key;
  private final InstantSource clock;

  private CertificateAuthority(X509Certificate certificate, PrivateKey key, InstantSource clock) {
    this.certificate = certificate;
    this.key = key;
    this.clock = clock;
  }

  /**
   * Makes a CA in a folder, which is created if it is not there.
   *
   * @param name its common name, like {@code my network}
   * @param days how long it is good
   * @throws FileAlreadyExistsException if there is a CA in the folder
   */
  public static CertificateAuthority init(Path dir, String name, int days, InstantSource clock)
      throws IOException, KeyFileException {
    X500Name subject = TlsRequest.subject(name);
    requireDays(days);
    if (Files.exists(keyFile(dir)) || Files.exists(certificateFile(dir))) {
      throw new FileAlreadyExistsException(
          dir.toString(), null, "there is a CA in it; nodes of its network would not know another");
    }
    makePrivate(dir);
    KeyPair pair = PemText.newKey();
    Instant now = clock.instant();
    CertificateAuthority made;
    try {
      X509v3CertificateBuilder builder =
          builder(subject, subject, pair.getPublic(), now, now.plus(Duration.ofDays(days)));
      add(builder, Extension.basicConstraints, true, new BasicConstraints(0));
      add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      add(
          builder,
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      made = new CertificateAuthority(signed(builder, pair.getPrivate()), pair.getPrivate(), clock);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK hashes keys", e);
    }
    PrivateFile.create(
        keyFile(dir), PemText.of(pair.getPrivate()).getBytes(StandardCharsets.US_ASCII));
    Files.writeString(certificateFile(dir), made.certificatePem(), StandardOpenOption.CREATE_NEW);
    return made;
  }

  /**
   * Opens the CA of a folder.
   *
   * @throws NoSuchFileException if there is none
   * @throws KeyFileException if others may read its key
   * @throws IllegalArgumentException if its files are malformed or do not belong together
   */
  public static CertificateAuthority open(Path dir, InstantSource clock)
      throws IOException, KeyFileException {
    if (!Files.exists(certificateFile(dir))) {
      throw new NoSuchFileException(dir.toString(), null, "there is no CA in it");
    }
    TrustRoots roots = TrustRoots.parse(Files.readString(certificateFile(dir)));
    X509Certificate certificate = roots.certificates().getFirst();
    PrivateKey key = key(keyFile(dir));
    CertificateAuthority opened = new CertificateAuthority(certificate, key, clock);
    opened.requireOwnKey(dir);
    return opened;
  }

  /** What the network file carries. */
  public TrustRoots roots() {
    return TrustRoots.parse(certificatePem());
  }

  /** Its certificate as PEM text. */
  public String certificatePem() {
    return pem(certificate);
  }

  /** When it ends, and every certificate it signed with it. */
  public Instant expires() {
    return certificate.getNotAfter().toInstant();
  }

  /**
   * Signs a node's certificate, good as server and as client.
   *
   * @param request whose key it is for; of the names in it only those in {@code hosts} count
   * @param name the node's name, like {@code node-1}
   * @param hosts DNS names and IP addresses where others connect to the node
   * @param days how long it is good; it never outlives the CA
   * @return the certificate as PEM text
   * @throws IllegalArgumentException if a value is out of range
   */
  public String issue(TlsRequest request, String name, Collection<String> hosts, int days)
      throws IOException {
    return issue(request.key(), name, Hosts.of(hosts), days);
  }

  /**
   * Makes a key and signs its certificate: for a node whose operator is also the CA's.
   *
   * @param keyFile where the key goes, mode 0600; never over an old one
   * @return the certificate as PEM text
   */
  public String issue(Path keyFile, String name, Collection<String> hosts, int days)
      throws IOException, KeyFileException {
    requireDays(days);
    return issue(TlsRequest.create(keyFile, name, hosts), name, hosts, days);
  }

  private String issue(PublicKey key, String name, Hosts hosts, int days) throws IOException {
    requireDays(days);
    Instant now = clock.instant();
    Instant end = now.plus(Duration.ofDays(days));
    if (!now.isBefore(expires())) {
      throw new IllegalArgumentException("the CA itself ended at " + expires());
    }
    X509v3CertificateBuilder builder =
        builder(
            subjectOf(certificate),
            TlsRequest.subject(name),
            key,
            now,
            end.isAfter(expires()) ? expires() : end);
    add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
    add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    add(
        builder,
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    add(builder, Extension.subjectAlternativeName, false, hosts.alternatives());
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      add(
          builder,
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(certificate));
      add(
          builder,
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK hashes keys", e);
    }
    return pem(signed(builder, this.key));
  }

  private void requireOwnKey(Path dir) {
    X500Name self = subjectOf(certificate);
    Instant now = clock.instant();
    X509Certificate probe =
        signed(builder(self, self, certificate.getPublicKey(), now, now.plusSeconds(1)), key);
    try {
      probe.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "%s is not the key of %s".formatted(keyFile(dir), certificateFile(dir)), e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1),
        Date.from(now.minus(CLOCK_SKEW)),
        Date.from(end),
        subject,
        key);
  }

  private static X500Name subjectOf(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  private static void add(
      X509v3CertificateBuilder builder,
      ASN1ObjectIdentifier extension,
      boolean critical,
      ASN1Encodable value)
      throws IOException {
    builder.addExtension(extension, critical, value);
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalArgumentException("the CA's key cannot sign: " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(Path file) throws IOException, KeyFileException {
    String pem = new String(PrivateFile.read(file, MAX_BYTES), StandardCharsets.US_ASCII);
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (!(parser.readObject() instanceof PrivateKeyInfo key)) {
        throw new IllegalArgumentException("expected a 'PRIVATE KEY' as PEM in " + file);
      }
      return new JcaPEMKeyConverter().getPrivateKey(key);
    }
  }

  private static String pem(X509Certificate certificate) {
    try {
      return PemText.of(certificate);
    } catch (IOException e) {
      throw new IllegalStateException("a certificate has an encoding", e);
    }
  }

  private static void requireDays(int days) {
    if (days < 1 || days > MOST_DAYS) {
      throw new IllegalArgumentException(
          "expected 1 to %d days, but it is %d".formatted(MOST_DAYS, days));
    }
  }

  private static void makePrivate(Path dir) throws IOException {
    if (Files.isDirectory(dir)) {
      return;
    }
    if (dir.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(dir);
    }
  }

  private static Path keyFile(Path dir) {
    return dir.resolve("ca.key");
  }

  private static Path certificateFile(Path dir) {
    return dir.resolve("ca.pem");
  }
}
