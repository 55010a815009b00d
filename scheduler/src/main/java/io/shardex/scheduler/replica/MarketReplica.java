package io.shardex.scheduler.replica;

import io.shardex.consensus.ReplicatedMachine;
import io.shardex.consensus.Snapshot;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.Stamp;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.StateCodec;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.log.SignedEntry;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.events.CommittedEvents;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * This node's copy of the market. The log's updater thread applies; everybody else reads through
 * {@link #read}, which sees the state between two entries, never inside one.
 *
 * <p>Its snapshots are one byte, 1 if the state is proven, and the state's canonical bytes.
 */
public final class MarketReplica implements ReplicatedMachine {
  /** An entry's reply: one outcome a command, in order. */
  static final Codec<List<Outcome>> REPLY = EventCodecs.OUTCOME.list();

  /** Hashes of whole states remembered; a fresh one comes every few minutes. */
  private static final int CHECKPOINTS_KEPT = 16;

  /** Running hashes remembered, so that nodes can compare them at an index both have passed. */
  private static final int HASHES_KEPT = 4_096;

  private final Network network;
  private final AuthorRecovery authors;
  private final CommittedEvents events;
  private final CommandCount count;
  private final LogKeeper keeper;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final TreeMap<Long, Digest> hashes = new TreeMap<>();
  private final TreeMap<Long, Digest> checkpoints = new TreeMap<>();
  private final AppliedIndex waiting = new AppliedIndex();
  private volatile boolean proven = true;

  private volatile boolean contradicted;
  private MarketMachine machine = new MarketMachine();

  /** Hears of every command's outcome, for metrics. */
  @FunctionalInterface
  public interface CommandCount {
    void applied(Envelope envelope, Outcome outcome);
  }

  /**
   * A replica before the first entry.
   *
   * @param network what this node's own network file says; a log of another network stops it
   */
  public MarketReplica(
      Network network,
      AuthorRecovery authors,
      CommittedEvents events,
      CommandCount count,
      LogKeeper keeper) {
    this.network = network;
    this.authors = authors;
    this.events = events;
    this.count = count;
    this.keeper = keeper;
  }

  @Override
  public byte[] apply(long index, byte[] entry) {
    SignedEntry signed = SignedEntry.read(entry, authors);
    List<Outcome> outcomes;
    lock.writeLock().lock();
    try {
      boolean wasBorn = machine.state().isBorn();
      outcomes = signed.applyTo(machine, index, (outcome, offset) -> keep(index, offset, outcome));
      if (!wasBorn) {
        requireOwnNetwork(machine.state());
      }
      remember(index);
      check(index, outcomes);
    } finally {
      lock.writeLock().unlock();
    }
    keeper.applied(index, entry);
    waiting.reached(index);
    for (int offset = 0; offset < outcomes.size(); offset++) {
      count.applied(signed.envelopes().get(offset), outcomes.get(offset));
      if (outcomes.get(offset) instanceof Outcome.Accepted accepted) {
        events.publish(new Committed.Happened(index, offset, accepted.events()));
      }
    }
    return REPLY.encode(outcomes);
  }

  @Override
  public Snapshot capture() {
    MarketState frozen = machine.state().copy();
    boolean provenThen = proven && !contradicted;
    LogKeeper.Durable kept = keeper.written();
    return out -> {
      // The log may be purged up to a snapshot: what is kept of it must be on disk before.
      kept.sync();
      out.write(provenThen ? 1 : 0);
      out.write(StateCodec.STATE.encode(frozen));
    };
  }

  @Override
  public void restore(long index, InputStream snapshot, Origin origin) throws IOException {
    MarketMachine restored;
    boolean provenThen = snapshot.read() == 1;
    try {
      restored = MarketMachine.restored(snapshot.readAllBytes());
      requireOwnNetwork(restored.state());
    } catch (MalformedBytes | WrongNetwork e) {
      throw new IOException("the snapshot at index " + index + ": " + e.getMessage(), e);
    }
    lock.writeLock().lock();
    try {
      machine = restored;
      proven = origin == Origin.OWN && provenThen;
      hashes.clear();
      checkpoints.clear();
      requireOwnNetwork(machine.state());
      remember(index);
    } finally {
      lock.writeLock().unlock();
    }
    keeper.restored(restored.state().index());
    waiting.reached(index);
    events.resync(index);
  }

  /** Completes when this replica has applied {@code index}. */
  public CompletableFuture<Void> applied(long index) {
    return waiting.until(index);
  }

  /**
   * What {@code query} makes of the state. It must not keep the state or anything it can change.
   */
  public <T> T read(Function<MarketState, T> query) {
    lock.readLock().lock();
    try {
      return query.apply(machine.state());
    } finally {
      lock.readLock().unlock();
    }
  }

  /** The running hash after the last entry at or before {@code index}, if it is remembered. */
  public Optional<Digest> hashAt(long index) {
    lock.readLock().lock();
    try {
      return Optional.ofNullable(hashes.get(index));
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * What the whole state hashed to after the entry that asked for this checkpoint; empty if this
   * replica was not asked, or that is long ago.
   */
  public Optional<Digest> checkpointAt(long index) {
    lock.readLock().lock();
    try {
      return Optional.ofNullable(checkpoints.get(index));
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Whether this replica knows its state to be the validators': it applied the log from its start,
   * or a checkpoint that k validators signed has the hash of its own state. One that a leader sent
   * a snapshot believes nothing until then.
   */
  public boolean isProven() {
    return proven;
  }

  /** Whether k validators signed a checkpoint that has another hash than this replica's state. */
  public boolean isContradicted() {
    return contradicted;
  }

  /** The remembered running hashes by log index. */
  public NavigableMap<Long, Digest> hashes() {
    lock.readLock().lock();
    try {
      return new TreeMap<>(hashes);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** The log was begun by somebody with another network file: nothing in it may be believed. */
  public static final class WrongNetwork extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongNetwork(Network own, Network found) {
      super(
          "this node's network has settlement contract %s and validators %s, but the log's has %s and %s"
              .formatted(
                  own.settlement(), own.validators(), found.settlement(), found.validators()));
    }
  }

  private void requireOwnNetwork(MarketState state) {
    if (state.isBorn() && !state.network().equals(network)) {
      throw new WrongNetwork(network, state.network());
    }
  }

  /** Takes the state's hash where a checkpoint asks for it, and compares where one is agreed on. */
  private void check(long index, List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Accepted accepted) {
        for (Event event : accepted.events()) {
          check(index, event);
        }
      }
    }
  }

  private void check(long index, Event event) {
    if (event instanceof Event.FactOpened(Fact.Checkpoint asked, long deadline)
        && asked.index() == index) {
      checkpoints.put(index, Digest.sha256(StateCodec.STATE.encode(machine.state())));
      if (checkpoints.size() > CHECKPOINTS_KEPT) {
        checkpoints.pollFirstEntry();
      }
    } else if (event
            instanceof Event.FactSettled(Fact.Checkpoint asked, FactValue.StateDigest agreed)
        && checkpoints.containsKey(asked.index())) {
      boolean equal = agreed.digest().equals(checkpoints.get(asked.index()));
      proven |= equal;
      contradicted |= !equal;
    }
  }

  private void keep(long index, int offset, Outcome outcome) {
    if (outcome instanceof Outcome.Accepted accepted) {
      keeper.happened(new Stamp(index, offset), accepted.events(), machine.state());
    }
  }

  private void remember(long index) {
    hashes.put(index, machine.state().hash());
    if (hashes.size() > HASHES_KEPT) {
      hashes.pollFirstEntry();
    }
  }
}
