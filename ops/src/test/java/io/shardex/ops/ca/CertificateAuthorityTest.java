package io.shardex.ops.ca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.protocol.tls.TlsRefused;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
  /** Certificates know whole seconds only; the JDK's trust managers know no clock but their own. */
  private final Instant today = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private final InstantSource clock = InstantSource.fixed(today);
  private static final List<String> HOSTS = List.of("node-1.example.org", "10.0.0.1", "::1");

  @TempDir private Path folder;
  private CertificateAuthority ca;
  private Path key;
  private Path certificate;

  @BeforeEach
  void aCaAndItsFiles() throws Exception {
    ca = CertificateAuthority.init(folder.resolve("ca"), "ours", 1_000, clock);
    key = folder.resolve("node-1.key");
    certificate = folder.resolve("node-1.pem");
  }

  @Test
  void aCertificateIsGoodForItsHostsOnBothSidesOfTls() throws Exception {
    issue(HOSTS, 30);

    X509Certificate made = read(HOSTS).chain().getFirst();
    assertEquals(today.plus(Duration.ofDays(30)), made.getNotAfter().toInstant());
    assertEquals(-1, made.getBasicConstraints());
    assertTrue(made.getKeyUsage()[0], "it signs handshakes");
    assertFalse(made.getKeyUsage()[5], "it signs certificates");
    assertEquals(2, made.getExtendedKeyUsage().size());
    ca.roots().trustManager().checkServerTrusted(chain(made), "ECDHE_ECDSA");
    ca.roots().trustManager().checkClientTrusted(chain(made), "ECDHE_ECDSA");
  }

  @Test
  void aRequestedCertificateBelongsToTheKeyThatStayedOnTheNode() throws Exception {
    TlsRequest made = TlsRequest.create(key, "node-1", HOSTS);
    TlsRequest received = TlsRequest.parse(made.pem());

    assertEquals("node-1", received.name());
    assertEquals(List.of("node-1.example.org", "10.0.0.1", "0:0:0:0:0:0:0:1"), received.hosts());
    Files.writeString(certificate, ca.issue(received, "node-1", received.hosts(), 30));
    assertEquals(1, read(HOSTS).chain().size());
  }

  @Test
  void ofARequestOnlyTheHostsThatAreNamedCount() throws Exception {
    TlsRequest request = TlsRequest.create(key, "node-1", List.of("a.example.org", "evil.org"));
    Files.writeString(certificate, ca.issue(request, "node-1", List.of("a.example.org"), 30));

    refused("is for [a.example.org], but others connect to evil.org", List.of("evil.org"), today);
  }

  @Test
  void aRequestWithASignatureOfAnotherKeyIsRefused() throws Exception {
    String mine = TlsRequest.create(key, "node-1", HOSTS).pem();
    // The last bytes are the signature's.
    int at = mine.indexOf("\n-----END") - 8;
    char other = mine.charAt(at) == 'A' ? 'B' : 'A';
    String changed = mine.substring(0, at) + other + mine.substring(at + 1);

    assertThrows(IllegalArgumentException.class, () -> TlsRequest.parse(changed));
    assertThrows(IllegalArgumentException.class, () -> TlsRequest.parse("none"));
  }

  @Test
  void keysArePrivateAndNeverOverwritten() throws Exception {
    issue(HOSTS, 30);

    for (Path secret : List.of(key, folder.resolve("ca").resolve("ca.key"))) {
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    }
    assertThrows(KeyFileException.class, () -> issue(HOSTS, 30));
    assertThrows(
        FileAlreadyExistsException.class,
        () -> CertificateAuthority.init(folder.resolve("ca"), "ours", 1, clock));
  }

  @Test
  void aCaIsOpenedAgainWithItsOwnKeyOnly() throws Exception {
    CertificateAuthority again = CertificateAuthority.open(folder.resolve("ca"), clock);
    assertEquals(ca.certificatePem(), again.certificatePem());

    assertThrows(
        NoSuchFileException.class, () -> CertificateAuthority.open(folder.resolve("no"), clock));
    CertificateAuthority.init(folder.resolve("other"), "other", 1, clock);
    Files.delete(folder.resolve("ca").resolve("ca.key"));
    Files.move(folder.resolve("other").resolve("ca.key"), folder.resolve("ca").resolve("ca.key"));
    assertThrows(
        IllegalArgumentException.class,
        () -> CertificateAuthority.open(folder.resolve("ca"), clock));
  }

  @Test
  void aCertificateNeverOutlivesItsCa() throws Exception {
    issue(HOSTS, 5_000);

    assertEquals(ca.expires(), read(HOSTS).expires());
  }

  @Test
  void serialsAreNeverTheSame() throws Exception {
    issue(HOSTS, 30);
    X509Certificate one = read(HOSTS).chain().getFirst();
    Files.delete(key);
    issue(HOSTS, 30);

    assertNotEquals(one.getSerialNumber(), read(HOSTS).chain().getFirst().getSerialNumber());
  }

  @Test
  void whatIsNoHostIsRefused() {
    for (String bad :
        List.of("", "*.example.org", "a b", "-a", "a..b", "1.2.3", "a:1", "300.1.1.1")) {
      assertThrows(IllegalArgumentException.class, () -> Hosts.of(List.of(bad)), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> Hosts.of(List.of()));
  }

  @Test
  void aNodeRefusesACertificateThatIsNotForIt() throws Exception {
    refused("there is no certificate", HOSTS, today);
    issue(List.of("a.example.org"), 30);
    refused("others connect to b.example.org", List.of("b.example.org"), today);
    List<String> own = List.of("A.example.org");
    assertEquals(ca.roots(), read(own).roots());
    refused("ended at " + today.plus(Duration.ofDays(30)), own, today.plus(Duration.ofDays(31)));
    refused("begins at", own, today.minus(Duration.ofDays(1)));

    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    refused("chmod 600", own, today);
    Files.delete(key);
    refused("expected a file, but there is none", own, today);
    var unused = TlsRequest.create(key, "node-1", own);
    refused("is not that of the certificate", own, today);

    CertificateAuthority foreign =
        CertificateAuthority.init(folder.resolve("foreign"), "ours", 100, clock);
    Files.delete(key);
    Files.writeString(certificate, foreign.issue(key, "node-1", own, 30));
    refused("is not of the network's CA, CN=ours", own, today);
  }

  private void issue(List<String> hosts, int days) throws Exception {
    Files.writeString(certificate, ca.issue(key, "node-1", hosts, days));
  }

  private NodeCertificate read(List<String> hosts) throws TlsRefused {
    return NodeCertificate.read(certificate, key, ca.roots(), hosts, today);
  }

  private void refused(String why, List<String> hosts, Instant now) {
    TlsRefused refused =
        assertThrows(
            TlsRefused.class, () -> NodeCertificate.read(certificate, key, ca.roots(), hosts, now));
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  private static X509Certificate[] chain(X509Certificate one) {
    return new X509Certificate[] {one};
  }
}
