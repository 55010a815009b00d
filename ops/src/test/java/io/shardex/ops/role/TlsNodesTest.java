package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.check.Gateway;
import io.shardex.market.Address;
import io.shardex.ops.ca.CertificateAuthority;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.Unreachable;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.protocol.tls.TrustRoots;
import io.shardex.settlement.Contracts;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes from their config files, off loopback if this machine has such an address, with TLS
 * everywhere; their chain is away, which stops nothing here.
 */
class TlsNodesTest {
  private static final Patience SOON = new Patience(Duration.ofSeconds(3), Duration.ofSeconds(3));
  private static final Duration START = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private final List<NodeRole> nodes = new ArrayList<>();
  private CertificateAuthority ca;
  private NetworkFile network;
  private String host;

  @BeforeEach
  void foundedNetwork() throws Exception {
    host = host();
    ca = CertificateAuthority.init(folder.resolve("ca"), "ours", 2, InstantSource.system());
    char[] passphrase = Passphrase.toNewFile(folder.resolve("passphrase"), new SecureRandom());
    List<SigningKey> keys = new ArrayList<>();
    List<NodeEntry> entries = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      keys.add(SigningKey.random(new SecureRandom()));
      KeyFile.write(
          folder.resolve("node-" + i + ".json"),
          keys.getLast(),
          passphrase,
          KeyFile.Strength.LIGHT);
      entries.add(entry("node-" + i));
    }
    Address some = keys.getFirst().address();
    network =
        new NetworkFile(
            LocalTerms.network(new Contracts(31_337, some, some, some, some, 0), some, keys, 2),
            entries,
            List.of("http://127.0.0.1:1"),
            Optional.of(ca.roots()));
    Files.write(folder.resolve("network.json"), network.toJson());
  }

  @AfterEach
  void stop() {
    nodes.parallelStream().forEach(NodeRole::close);
  }

  @Test
  void nodesAndClientsSpeakTlsAndNothingElse() throws Exception {
    for (NodeEntry node : network.nodes()) {
      certify(ca, node.id(), host);
      nodes.add(NodeRole.start(NodeSettings.read(conf(node.id(), "grid.region = 48MiB"))));
    }
    long deadline = System.nanoTime() + START.toNanos();
    while (!nodes.stream().allMatch(NodeRole::isReady)) {
      assertTrue(System.nanoTime() < deadline, "the nodes are not ready");
      Thread.sleep(50);
    }

    assertEquals(3, statuses(NodeAddresses.of(network)).size());
    for (NodeAddress gateway : NodeAddresses.of(network).nodes()) {
      assertEquals(
          network.network(),
          Gateway.ask(new NodeAddresses(List.of(gateway), network.ca())).network());
    }
    CertificateAuthority foreign =
        CertificateAuthority.init(folder.resolve("foreign"), "theirs", 2, InstantSource.system());
    unreachable(
        "is not of the network's CA", NodeAddresses.of(network.gateways(), trusted(foreign)));
    // The certificate is for the node's address, and localhost is none of its names.
    unreachable(
        "localhost",
        NodeAddresses.of(
            List.of(new Endpoint("localhost", network.gateways().getFirst().port())), trusted(ca)));
    for (NodeEntry node : network.nodes()) {
      onlyNodesMeet(node.raft());
      onlyNodesMeet(node.grid());
    }
    NodeAddress plain = new NodeAddress("127.0.0.1", network.gateways().getFirst().port());
    assertThrows(Unreachable.class, () -> status(NodeAddresses.of(plain)));
  }

  @Test
  void aNodeStartsWithoutACertificateOfItsOwnNever() throws Exception {
    refused("'tls.certificate' is missing", Files.writeString(conf("node-1", ""), plainConf()));
    refused("there is no certificate", conf("node-1", ""));
    certify(ca, "node-1", "elsewhere.example.org");
    refused("is for [elsewhere.example.org], but others connect to " + host, conf("node-1", ""));
  }

  /** Where only nodes meet, it is not enough to trust the network's CA: one must be of it. */
  private void onlyNodesMeet(Endpoint inside) throws Exception {
    SSLContext stranger = SSLContext.getInstance("TLS");
    stranger.init(null, new TrustManager[] {ca.roots().trustManager()}, null);
    SSLContext node =
        NodeCertificate.read(
                folder.resolve("node-1.pem"),
                folder.resolve("node-1.key"),
                ca.roots(),
                List.of(host),
                Instant.now())
            .context();

    shakeHands(node, inside);
    assertThrows(IOException.class, () -> shakeHands(stranger, inside));
  }

  private static void shakeHands(SSLContext context, Endpoint with) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(with.host(), with.port())) {
      socket.setSoTimeout(20_000);
      // With TLS 1.3 a client would be told only after its handshake.
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      SSLParameters http2 = socket.getSSLParameters();
      http2.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(http2);
      socket.startHandshake();
    }
  }

  private void refused(String why, Path conf) {
    Trouble trouble = assertThrows(Trouble.class, () -> NodeSettings.read(conf));
    assertTrue(trouble.what().contains(why), trouble.what());
  }

  private static void unreachable(String why, NodeAddresses addresses) {
    Unreachable away = assertThrows(Unreachable.class, () -> status(addresses));
    assertTrue(String.valueOf(away.getMessage()).contains(why), away.getMessage());
  }

  private static NodeStatus status(NodeAddresses addresses) {
    try (Nodes asked = Nodes.openPublic(addresses, SOON)) {
      return new MarketClient(asked).status();
    }
  }

  private static List<NodeStatus> statuses(NodeAddresses addresses) {
    try (Nodes asked = Nodes.openPublic(addresses, SOON)) {
      return new MarketClient(asked).statuses();
    }
  }

  private static Optional<TrustRoots> trusted(CertificateAuthority authority) {
    return Optional.of(authority.roots());
  }

  private void certify(CertificateAuthority authority, String id, String name) throws Exception {
    Path key = folder.resolve(id + ".key");
    Files.writeString(folder.resolve(id + ".pem"), authority.issue(key, id, List.of(name), 1));
  }

  private Path conf(String id, String more) throws IOException {
    return Files.writeString(
        folder.resolve(id + ".conf"),
        """
        network = network.json
        id = %s
        key = %s.json
        passphrase-file = passphrase
        tls.certificate = %s.pem
        tls.key = %s.key
        %s
        """
            .formatted(id, id, id, id, more));
  }

  private static String plainConf() {
    return """
        network = network.json
        id = node-1
        key = node-1.json
        passphrase-file = passphrase
        """;
  }

  private NodeEntry entry(String id) throws IOException {
    return new NodeEntry(
        id,
        new Endpoint(host, LoopbackPort.free()),
        new Endpoint(host, LoopbackPort.free()),
        new Endpoint(host, LoopbackPort.free()),
        LoopbackPort.free());
  }

  /** An address of this machine that is not loopback, without which less is shown. */
  private static String host() throws IOException {
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (each.isUp() && address instanceof Inet4Address && !address.isLoopbackAddress()) {
          return address.getHostAddress();
        }
      }
    }
    System.out.println("TlsNodesTest: on 127.0.0.1 only, as this machine has no other address");
    return "127.0.0.1";
  }
}
