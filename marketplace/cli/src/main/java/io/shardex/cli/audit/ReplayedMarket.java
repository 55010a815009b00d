package io.shardex.cli.audit;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.StateCodec;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.log.SignedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The market as the log's entries make it, from genesis on. On the way it compares the network with
 * the network file, every validator's reported hash with its own, and the states that validators
 * signed with its own; a {@link Difference} ends it.
 */
public final class ReplayedMarket {
  /** Hashes remembered to compare beats with; a beat speaks of an entry just before it. */
  private static final int HASHES_KEPT = 1 << 16;

  /** States remembered until validators have agreed on them. */
  private static final int STATES_KEPT = 64;

  private final Network network;
  private final AuthorRecovery recovery;
  private final MarketMachine machine = new MarketMachine();
  private final PaymentBook payments = new PaymentBook();
  private final TreeMap<Long, Digest> hashes = new TreeMap<>();
  private final TreeMap<Long, Digest> states = new TreeMap<>();
  private final TreeMap<Long, List<Expected>> expected = new TreeMap<>();
  private long index = -1;
  private long entries;
  private long commands;
  private long beats;
  private long equalUpTo = -1;
  private int checkpoints;
  private int expectationsMet;

  private record Expected(Digest hash, String who) {}

  /**
   * A market before its first entry.
   *
   * @param network what the network file says
   */
  public ReplayedMarket(Network network, AuthorRecovery recovery) {
    this.network = network;
    this.recovery = recovery;
  }

  /** Says what somebody holds for the hash after an index, to be compared once it is replayed. */
  public void expect(long at, Digest hash, String who) {
    if (at <= index) {
      hashAt(at).ifPresent(own -> requireEqual(at, own, new Expected(hash, who)));
    } else {
      expected.computeIfAbsent(at, any -> new ArrayList<>()).add(new Expected(hash, who));
    }
  }

  /** Applies the next entry. */
  public void apply(LogEntry entry) {
    if (entry.previous() != index) {
      throw Difference.at(
          entry.index(),
          index < 0
              ? "the first entry to replay follows on entry %d; a replay begins with the log"
                  .formatted(entry.previous())
              : "the entry follows on entry %d, but the last one replayed is %d: some are missing"
                  .formatted(entry.previous(), index));
    }
    SignedEntry signed = SignedEntry.read(entry.bytes(), recovery);
    compareBeats(entry.index(), signed);
    long at = entry.index();
    var outcomes = signed.applyTo(machine, at, (outcome, offset) -> follow(at, outcome));
    index = at;
    entries++;
    commands += outcomes.size();
    requireNetwork(at);
    remember(at);
    compareExpected(at);
  }

  /** Everything that somebody holds must have been compared: the log must reach that far. */
  public void finish() {
    if (!expected.isEmpty()) {
      throw new Difference(
          "%s holds log index %d, but the entries end at %d"
              .formatted(
                  expected.firstEntry().getValue().getFirst().who(), expected.firstKey(), index));
    }
  }

  /** The last index that somebody holds and that is not replayed yet. */
  public Optional<Long> expectedIndex() {
    return expected.isEmpty() ? Optional.empty() : Optional.of(expected.lastKey());
  }

  /** Index of the last entry, -1 before the first. */
  public long index() {
    return index;
  }

  public Digest hash() {
    return machine.state().hash();
  }

  /** The state. Not to be kept beyond the next entry. */
  public MarketState state() {
    return machine.state();
  }

  public long entries() {
    return entries;
  }

  public long commands() {
    return commands;
  }

  /** Hashes reported by validators that were compared. */
  public long beats() {
    return beats;
  }

  /** States that k validators signed and that were compared. */
  public int checkpoints() {
    return checkpoints;
  }

  /** Hashes given to {@link #expect} that were compared. */
  public int expectationsMet() {
    return expectationsMet;
  }

  /** What the replayed log says of payments. */
  public PaymentBook payments() {
    return payments;
  }

  private void compareBeats(long at, SignedEntry signed) {
    for (int offset = 0; offset < signed.envelopes().size(); offset++) {
      Author author = signed.authors().get(offset);
      if (signed.envelopes().get(offset).command() instanceof Command.Beat beat
          && author.signer().filter(network.validators()::contains).isPresent()) {
        compare(at, author.signer().get(), beat);
      }
    }
  }

  private void compare(long at, Address validator, Command.Beat beat) {
    Optional<Digest> own = hashAt(beat.index());
    if (own.isEmpty()) {
      return; // of an index before genesis, or so old that it is not remembered
    }
    if (!own.get().equals(beat.hash())) {
      throw Difference.at(
          at,
          "validator %s reports hash %s after index %d, but the replay has %s; up to index %d they are equal"
              .formatted(validator, beat.hash(), beat.index(), own.get(), equalUpTo));
    }
    equalUpTo = Math.max(equalUpTo, beat.index());
    beats++;
  }

  private Optional<Digest> hashAt(long at) {
    return Optional.ofNullable(hashes.floorEntry(at)).map(Map.Entry::getValue);
  }

  private void requireNetwork(long at) {
    if (!machine.state().isBorn()) {
      throw Difference.at(at, "the log's first entry is no genesis");
    }
    Network found = machine.state().network();
    if (entries == 1 && !found.equals(network)) {
      throw Difference.at(
          at,
          "the log was begun with another network than the network file says: settlement %s, %d of %s; the file has settlement %s, %d of %s"
              .formatted(
                  found.settlement(),
                  found.threshold(),
                  found.validators(),
                  network.settlement(),
                  network.threshold(),
                  network.validators()));
    }
  }

  private void follow(long at, Outcome outcome) {
    if (outcome instanceof Outcome.Accepted accepted) {
      for (Event event : accepted.events()) {
        payments.follow(at, event);
        checkpoint(at, event);
      }
    }
  }

  private void checkpoint(long at, Event event) {
    if (event instanceof Event.FactOpened(Fact.Checkpoint asked, long deadline)
        && asked.index() == at) {
      states.put(at, Digest.ZERO); // taken at the entry's end, as the nodes do
      if (states.size() > STATES_KEPT) {
        states.pollFirstEntry();
      }
    } else if (event
            instanceof Event.FactSettled(Fact.Checkpoint asked, FactValue.StateDigest agreed)
        && states.containsKey(asked.index())) {
      Digest own = states.get(asked.index());
      if (!agreed.digest().equals(own)) {
        throw Difference.at(
            at,
            "validators signed %s as the state after index %d, but the replay has %s"
                .formatted(agreed.digest(), asked.index(), own));
      }
      checkpoints++;
    }
  }

  private void remember(long at) {
    hashes.put(at, machine.state().hash());
    if (hashes.size() > HASHES_KEPT) {
      hashes.pollFirstEntry();
    }
    states.computeIfPresent(
        at, (any, none) -> Digest.sha256(StateCodec.STATE.encode(machine.state())));
  }

  private void compareExpected(long at) {
    // What is held for an index between two entries is the hash of the first of them.
    while (!expected.isEmpty() && expected.firstKey() <= at) {
      Map.Entry<Long, List<Expected>> next = expected.pollFirstEntry();
      Digest own = hashAt(next.getKey()).orElseThrow();
      next.getValue().forEach(one -> requireEqual(next.getKey(), own, one));
    }
  }

  private void requireEqual(long at, Digest own, Expected held) {
    if (!own.equals(held.hash())) {
      throw Difference.at(
          at, "%s holds hash %s, but the replay has %s".formatted(held.who(), held.hash(), own));
    }
    expectationsMet++;
  }
}
