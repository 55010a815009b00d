package io.shardex.ops.ca;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.PeerTls;
import io.shardex.consensus.Replica;
import io.shardex.consensus.ReplicaConfig;
import io.shardex.consensus.ReplicaListener;
import io.shardex.consensus.ReplicatedMachine;
import io.shardex.consensus.Snapshot;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.protocol.tls.NodeCertificate;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raft between nodes that show certificates of the network's CA. */
class PeerTlsTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final UUID group = UUID.randomUUID();
  private final Map<String, String> peers = new TreeMap<>();
  private final List<Replica> started = new ArrayList<>();
  private Certificates ours;
  private Certificates theirs;

  @BeforeEach
  void certificatesAndPorts() throws Exception {
    ours = new Certificates(folder, "ours");
    theirs = new Certificates(folder, "theirs");
    for (String id : List.of("a", "b", "c")) {
      peers.put(id, HOST + ":" + LoopbackPort.free());
    }
  }

  @AfterEach
  void stop() {
    started.parallelStream().forEach(Replica::close);
  }

  @Test
  void peersOfOneCaAgreeAndAPeerOfAnotherGetsNothingInOrOut() throws Exception {
    Lines a = new Lines();
    Lines b = new Lines();
    Lines foreign = new Lines();
    Replica one = start("a", Optional.of(tls(ours.of("a", HOST))), a);
    var unused = start("b", Optional.of(tls(ours.of("b", HOST))), b);
    // It trusts ours, as everybody can who has the network file, so it is ours who must refuse it.
    Replica stranger =
        start(
            "c",
            Optional.of(
                new PeerTls(
                    theirs.of("c", HOST).keyManager(), ours.of("c", HOST).roots().trustManager())),
            foreign);

    one.propose("ours".getBytes(UTF_8)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    await(() -> a.lines.equals(List.of("ours")) && b.lines.equals(a.lines));
    assertThrows(
        ExecutionException.class,
        () ->
            stranger.propose("theirs".getBytes(UTF_8)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(List.of("ours"), a.lines);
    assertEquals(List.of(), foreign.lines, "the stranger was told what is in the log");
    assertTrue(stranger.leadership().leader().isEmpty(), "the stranger heard a leader");
  }

  @Test
  void aPeerInPlaintextOrWithAnothersHostGetsNothingIn() throws Exception {
    Lines a = new Lines();
    Lines plain = new Lines();
    Replica one = start("a", Optional.of(tls(ours.of("a", HOST))), a);
    // Its certificate is of the CA, but for another host: who connects to it turns away.
    var unused = start("b", Optional.of(tls(ours.of("b", "10.9.9.9"))), new Lines());
    Replica stranger = start("c", Optional.empty(), plain);

    for (Replica each : List.of(one, stranger)) {
      assertThrows(
          ExecutionException.class,
          () -> each.propose(new byte[] {1}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
    assertEquals(List.of(), a.lines);
    assertEquals(List.of(), plain.lines);
  }

  @Test
  void withoutTlsAReplicaStaysOnLoopback() {
    assertThrows(
        IllegalArgumentException.class,
        () -> config("a", new InetSocketAddress(7_001), Optional.empty()));
  }

  private Replica start(String id, Optional<PeerTls> tls, ReplicatedMachine machine)
      throws Exception {
    int port = Integer.parseInt(requireNonNull(peers.get(id)).split(":", 2)[1]);
    Replica replica =
        Replica.start(
            config(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls),
            machine,
            new ReplicaListener() {});
    started.add(replica);
    return replica;
  }

  private ReplicaConfig config(String id, InetSocketAddress bind, Optional<PeerTls> tls) {
    return ReplicaConfig.of(
            id, group, peers, bind, folder.resolve("log-" + id), ReplicaConfig.Start.FOUND, tls)
        .withProposals(Duration.ofSeconds(8), 4_096, 16);
  }

  private static PeerTls tls(NodeCertificate node) {
    return new PeerTls(node.keyManager(), node.roots().trustManager());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain");
      Thread.sleep(10);
    }
  }

  /** A machine that remembers its entries and is never so long that it needs a snapshot. */
  private static final class Lines implements ReplicatedMachine {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public byte[] apply(long index, byte[] entry) {
      lines.add(new String(entry, UTF_8));
      return new byte[0];
    }

    @Override
    public Snapshot capture() {
      return out -> {};
    }

    @Override
    public void restore(long index, InputStream snapshot, Origin origin) {
      throw new AssertionError("no snapshot was made");
    }
  }
}
