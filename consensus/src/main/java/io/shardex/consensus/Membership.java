package io.shardex.consensus;

import static org.apache.ratis.proto.RaftProtos.RaftPeerRole.LEADER;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupInfoReply;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.util.TimeDuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the peers of a running group are, asked and changed over its peers' ports. A change takes a
 * majority of the peers.
 *
 * <p>To replace a peer that lost its folder: {@link #remove} the old id; only then start the new
 * one with {@link ReplicaConfig.Start#JOIN}, and {@link #add} it. In that order, because Ratis does
 * not look at whom its leader's entries are meant for: as long as the old id is a peer, what the
 * new one confirms would count as the old one's, whose vote it does not remember. Each step is
 * repeated until it is so, and does nothing when it is so already: after a crash all of it may be
 * done again.
 */
public final class Membership {
  private static final Logger log = LoggerFactory.getLogger(Membership.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** A newcomer is given the log within one call. */
  private static final TimeDuration CALL = TimeDuration.valueOf(1, TimeUnit.MINUTES);

  private final RaftGroupId group;
  private final List<RaftPeer> contacts;
  private final Parameters parameters;
  private final Duration patience;

  /**
   * @param contacts any peers' {@code host:port} by any name; those that do not answer are passed
   *     over
   * @param tls how the peers know each other
   * @param patience how long each step is tried
   */
  public Membership(
      UUID group, Map<String, String> contacts, Optional<PeerTls> tls, Duration patience) {
    this.group = RaftGroupId.valueOf(group);
    this.contacts = peersOf(contacts);
    this.parameters = RatisSettings.parameters(tls);
    this.patience = patience;
  }

  /** What the leader said. */
  private record View(RaftPeerId leader, Map<String, String> peers) {}

  /**
   * Each peer's id and address, as the group's leader has them.
   *
   * @throws IOException if no leader answers in time
   */
  public Map<String, String> peers() throws IOException, InterruptedException {
    return until(peers -> peers);
  }

  /**
   * Takes a peer out; done already if there is none of this id.
   *
   * @throws IOException if the group has not agreed to it in time
   */
  public void remove(String id) throws IOException, InterruptedException {
    var unused =
        until(
            peers -> {
              Map<String, String> fewer = new TreeMap<>(peers);
              fewer.remove(id);
              return fewer;
            });
  }

  /**
   * Takes a peer in that was started with {@link ReplicaConfig.Start#JOIN}: the leader sends it the
   * log, and then the group agrees to it.
   *
   * @throws IOException if it has not caught up, or the group has not agreed to it, in time
   */
  public void add(String id, String address) throws IOException, InterruptedException {
    var unused =
        until(
            peers -> {
              Map<String, String> more = new TreeMap<>(peers);
              more.put(id, address);
              return more;
            });
  }

  /** Changes the peers, based on what they are, until they are what they should be. */
  private Map<String, String> until(UnaryOperator<Map<String, String>> wanted)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      IOException failure;
      try {
        View now = ask();
        Map<String, String> then = wanted.apply(now.peers());
        if (then.equals(now.peers())) {
          return then;
        }
        change(now, then);
        failure = new IOException("the change to " + then.keySet() + " has not come into force");
      } catch (IOException e) {
        failure = e;
        log.info("the peers are asked again: {}", e.toString());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "the peers have not agreed within %d s: %s"
                .formatted(patience.toSeconds(), failure.getMessage()),
            failure);
      }
      Thread.sleep(PAUSE);
    }
  }

  private View ask() throws IOException {
    List<String> said = new ArrayList<>();
    // A client of its own each time: a channel that failed once waits long before it dials again.
    try (RaftClient client = client(contacts, Optional.empty())) {
      for (RaftPeer contact : contacts) {
        try {
          GroupInfoReply reply = client.getGroupManagementApi(contact.getId()).info(group);
          if (reply.isSuccess() && reply.getRoleInfoProto().getRole() == LEADER) {
            return view(reply);
          }
          said.add(contact.getAddress() + " does not lead");
        } catch (IOException | StatusRuntimeException e) {
          said.add(contact.getAddress() + " does not answer (" + e.getMessage() + ")");
        }
      }
    }
    throw new IOException("no leader is found: " + String.join(", ", said));
  }

  private static View view(GroupInfoReply reply) throws IOException {
    RaftConfigurationProto conf =
        reply.getConf().orElseThrow(() -> new IOException("the leader did not name the peers"));
    if (conf.getOldPeersCount() > 0) {
      throw new IOException("another change of the peers is in progress");
    }
    Map<String, String> peers = new TreeMap<>();
    for (RaftPeerProto peer : conf.getPeersList()) {
      peers.put(peer.getId().toStringUtf8(), peer.getAddress());
    }
    return new View(RaftPeerId.valueOf(reply.getRoleInfoProto().getSelf().getId()), peers);
  }

  /** Only if nobody else has changed them meanwhile. */
  private void change(View now, Map<String, String> then) throws IOException {
    log.info("the peers {} become {}", now.peers(), then);
    List<RaftPeer> current = peersOf(now.peers());
    try (RaftClient client = client(current, Optional.of(now.leader()))) {
      RaftClientReply reply =
          client
              .admin()
              .setConfiguration(
                  SetConfigurationRequest.Arguments.newBuilder()
                      .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                      .setServersInCurrentConf(current)
                      .setServersInNewConf(peersOf(then))
                      .build());
      if (!reply.isSuccess()) {
        throw new IOException("the leader refused: " + reply.getException(), reply.getException());
      }
    } catch (StatusRuntimeException e) {
      throw new IOException("the leader does not answer: " + e.getMessage(), e);
    }
  }

  private RaftClient client(List<RaftPeer> peers, Optional<RaftPeerId> leader) {
    RaftProperties properties = new RaftProperties();
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, CALL);
    ClientId id = ClientId.randomId();
    RaftClient.Builder builder =
        RaftClient.newBuilder()
            .setClientId(id)
            .setProperties(properties)
            .setParameters(parameters)
            .setRaftGroup(RaftGroup.valueOf(group, peers))
            .setRetryPolicy(RetryPolicies.noRetry())
            .setClientRpc(new GrpcFactory(parameters).newRaftClientRpc(id, properties));
    leader.ifPresent(builder::setLeaderId);
    return builder.build();
  }

  private static List<RaftPeer> peersOf(Map<String, String> addresses) {
    return addresses.entrySet().stream()
        .map(peer -> RaftPeer.newBuilder().setId(peer.getKey()).setAddress(peer.getValue()).build())
        .toList();
  }
}
