package io.shardex.ops.ca;

import io.shardex.protocol.tls.NodeCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A CA in a folder and certificates of it, for tests of what speaks TLS. */
final class Certificates {
  private final Path folder;
  private final CertificateAuthority ca;

  Certificates(Path folder, String name) throws Exception {
    this.folder = folder.resolve(name);
    this.ca = CertificateAuthority.init(this.folder, name, 2, InstantSource.system());
  }

  NodeCertificate of(String node, String host) throws Exception {
    Path key = folder.resolve(node + ".key");
    Path certificate = folder.resolve(node + ".pem");
    Files.writeString(certificate, ca.issue(key, node, List.of(host), 1));
    return NodeCertificate.read(certificate, key, ca.roots(), List.of(host), Instant.now());
  }
}
