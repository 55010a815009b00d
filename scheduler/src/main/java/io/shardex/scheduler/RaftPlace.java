package io.shardex.scheduler;

import io.shardex.consensus.PeerTls;
import io.shardex.consensus.Replica;
import io.shardex.consensus.ReplicaConfig;
import io.shardex.consensus.ReplicaConfig.Start;
import io.shardex.market.Network;
import io.shardex.protocol.network.NodeEntry;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A node's place in the Raft group. Each time it has lost its log it takes a new place: the peer
 * {@code node-2} is followed by {@code node-2.1}, with a folder of its own, so that an old log that
 * turns up again is nobody's. A node's id has no dot, so a peer's id says whose it is.
 *
 * @param incarnation how often the node was replaced, from 0
 */
record RaftPlace(NodeConfig config, int incarnation) {
  private static final Pattern LATER = Pattern.compile("(.+)\\.([1-9][0-9]{0,8})");

  /** Its id in the Raft group. */
  String peer() {
    return incarnation == 0 ? config.id() : config.id() + "." + incarnation;
  }

  /** The incarnation of a node that a peer's id stands for; empty if it is another node's. */
  static OptionalInt incarnation(String node, String peer) {
    if (peer.equals(node)) {
      return OptionalInt.of(0);
    }
    Matcher later = LATER.matcher(peer);
    return later.matches() && later.group(1).equals(node)
        ? OptionalInt.of(Integer.parseInt(later.group(2)))
        : OptionalInt.empty();
  }

  /** Where its log and snapshots are. */
  Path folder() {
    return config.folder().resolve(incarnation == 0 ? "raft" : "raft-" + incarnation);
  }

  boolean holdsLog() {
    return Replica.holdsLog(folder(), group());
  }

  /** The Raft group's id follows from the network's identity: nodes of two networks never mix. */
  UUID group() {
    Network network = config.network().network();
    String identity = network.chainId() + "/" + network.settlement();
    return UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8));
  }

  /** The {@code host:port} of the other nodes. */
  Map<String, String> others() {
    return config.network().nodes().stream()
        .filter(node -> !node.id().equals(config.id()))
        .collect(Collectors.toMap(NodeEntry::id, node -> node.raft().toString()));
  }

  /** Its own {@code host:port}. */
  String address() {
    return config.entry().raft().toString();
  }

  ReplicaConfig replica() {
    InetSocketAddress bind = new InetSocketAddress(config.bind(), config.entry().raft().port());
    Map<String, String> peers = new TreeMap<>(others());
    peers.put(peer(), address());
    return ReplicaConfig.of(peer(), group(), peers, bind, folder(), start(), tls());
  }

  /** How it knows the other peers. */
  Optional<PeerTls> tls() {
    return config.tls().map(node -> new PeerTls(node.keyManager(), node.roots().trustManager()));
  }

  private Start start() {
    if (incarnation > 0) {
      return Start.JOIN;
    }
    return holdsLog() ? Start.RECOVER : Start.FOUND;
  }
}
