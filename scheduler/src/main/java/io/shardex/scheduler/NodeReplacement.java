package io.shardex.scheduler;

import io.shardex.consensus.Membership;
import io.shardex.consensus.Replica;
import io.shardex.consensus.ReplicaListener;
import io.shardex.market.Network;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.replica.MarketReplica;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Gives a node that lost its log a new place in the Raft group: its old peer is removed, and a new
 * one with an empty log joins and is sent the log by the others. Interrupted anywhere, it is
 * finished by doing it again.
 */
public final class NodeReplacement {
  private static final Duration AGREEMENT = Duration.ofSeconds(30);

  /** A long log over a slow line. */
  private static final Duration CATCHING_UP = Duration.ofHours(2);

  private static final long LOOK_MILLIS = 200;

  private final NodeConfig config;
  private final VoteMark mark;
  private final Consumer<String> say;

  private NodeReplacement(NodeConfig config, Path mark, Consumer<String> say) {
    this.config = config;
    this.mark = new VoteMark(mark, config.network().identity());
    this.say = say;
  }

  /** The node has what it needs: it is not to be replaced. */
  public static final class NothingLost extends IOException {
    private static final long serialVersionUID = 1;

    NothingLost(String node, Path log) {
      super("%s has its log in %s and is one of the peers".formatted(node, log));
    }
  }

  /**
   * Runs while the node itself does not, and ends once the node can be started.
   *
   * @param config with the file of the mark
   * @param say hears of each step
   * @throws NothingLost if the node has its log
   * @throws IOException if a majority of the nodes does not answer or agree, the Raft port is in
   *     use, or the folder cannot be written
   */
  public static void run(NodeConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    Path mark =
        config
            .voteMark()
            .orElseThrow(() -> new IllegalArgumentException(config.id() + " has no mark"));
    new NodeReplacement(config, mark, say).run();
  }

  private void run() throws IOException, InterruptedException {
    Map<String, String> peers = membership(AGREEMENT).peers();
    RaftPlace place = place(peers);
    for (String peer : peers.keySet()) {
      if (isOwn(peer) && !peer.equals(place.peer())) {
        // Before anything listens on its port, see Membership.
        membership(AGREEMENT).remove(peer);
        say.accept("the others go on without the peer " + peer + ", whose log is lost");
      }
    }
    join(place);
  }

  /**
   * The place of an earlier run that did not end, else a new one: higher than any that the mark or
   * the others know.
   */
  private RaftPlace place(Map<String, String> peers) throws IOException {
    OptionalInt known = mark.incarnation();
    OptionalInt member =
        peers.keySet().stream()
            .flatMapToInt(peer -> RaftPlace.incarnation(config.id(), peer).stream())
            .max();
    RaftPlace marked = new RaftPlace(config, known.orElse(0));
    boolean newest = marked.incarnation() >= member.orElse(0);
    if (marked.holdsLog() && newest) {
      if (marked.incarnation() > 0) {
        return marked;
      }
      if (member.isPresent()) {
        throw new NothingLost(config.id(), marked.folder());
      }
    }
    return new RaftPlace(config, Math.max(marked.incarnation(), member.orElse(0)) + 1);
  }

  private boolean isOwn(String peer) {
    return RaftPlace.incarnation(config.id(), peer).isPresent();
  }

  private void join(RaftPlace place) throws IOException, InterruptedException {
    Network network = config.network().network();
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    ReplicaListener listener = listener(place, stopped);
    try (ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        NodeHistory history = NodeHistory.open(config.folder(), NetworkId.of(network));
        CommittedEvents events = new CommittedEvents(1, 1);
        Replica raft =
            Replica.start(
                place.replica(),
                new MarketReplica(
                    network,
                    new AuthorRecovery(TypedData.of(network), blocking, 2),
                    events,
                    (envelope, outcome) -> {},
                    history),
                listener)) {
      say.accept(config.id() + " joins as the peer " + place.peer() + " and is sent the log");
      membership(CATCHING_UP).add(place.peer(), place.address());
      while (!raft.isMember() || !raft.status().running()) {
        if (stopped.isDone()) {
          throw new IOException(place.peer() + " stopped; its log in shardex.log says why");
        }
        Thread.sleep(LOOK_MILLIS);
      }
      say.accept(
          "the peer %s is taken in, at index %,d of %,d"
              .formatted(
                  place.peer(), raft.status().appliedIndex(), raft.status().committedIndex()));
    }
  }

  private ReplicaListener listener(RaftPlace place, CompletableFuture<Void> stopped) {
    return new ReplicaListener() {
      @Override
      public void beforeVoting() throws IOException {
        mark.write(place.incarnation());
      }

      @Override
      public void onClosed(Optional<Throwable> reason) {
        stopped.complete(null);
      }
    };
  }

  /** The others are asked: whoever was replaced before is found by its address. */
  private Membership membership(Duration patience) {
    RaftPlace any = new RaftPlace(config, 0);
    return new Membership(any.group(), new TreeMap<>(any.others()), any.tls(), patience);
  }
}
