package io.shardex.scheduler.replica;

import io.shardex.consensus.Applied;
import io.shardex.consensus.Proposer;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.MalformedBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Puts commands into the log, many to an entry: what arrives while an entry is on its way leaves
 * with the next one. The cost of the log is per entry far more than per byte.
 */
public final class LogWriter {
  /** Entries this node has on their way at a time. */
  private static final int IN_FLIGHT = 4;

  /** Commands waiting at most; more are refused at once. */
  private static final int WAITING = 16_384;

  private static final int ENTRY_BYTES = 1 << 20;

  private final Proposer proposer;
  private final List<Pending> waiting = new ArrayList<>();
  private int inFlight;

  /** A command's place in the log and what came of it. */
  public record Written(long index, int offset, Outcome outcome) {}

  /** The node has more commands waiting than it will hold; try again later. */
  public static final class Overloaded extends RuntimeException {
    private static final long serialVersionUID = 1;

    Overloaded() {
      super(WAITING + " commands wait for the log already");
    }
  }

  private record Pending(Envelope envelope, int bytes, CompletableFuture<Written> done) {}

  public LogWriter(Proposer proposer) {
    this.proposer = proposer;
  }

  /**
   * Completes when the command is applied; fails with {@link Overloaded} or with the log's {@link
   * io.shardex.consensus.ProposalException}; or with another exception if the log answers in a way
   * that only a fault of ours explains.
   */
  public CompletableFuture<Written> write(Envelope envelope) {
    CompletableFuture<Written> done = new CompletableFuture<>();
    int bytes = CommandCodecs.ENVELOPE.encode(envelope).length;
    List<Pending> entry;
    synchronized (this) {
      if (waiting.size() >= WAITING) {
        return CompletableFuture.failedFuture(new Overloaded());
      }
      waiting.add(new Pending(envelope, bytes, done));
      entry = nextEntry();
    }
    send(entry);
    return done;
  }

  private synchronized List<Pending> nextEntry() {
    if (inFlight >= IN_FLIGHT || waiting.isEmpty()) {
      return List.of();
    }
    int count = 0;
    int bytes = 0;
    while (count < waiting.size()
        && (count == 0 || bytes + waiting.get(count).bytes() <= ENTRY_BYTES)) {
      bytes += waiting.get(count).bytes();
      count++;
    }
    List<Pending> first = waiting.subList(0, count);
    List<Pending> entry = List.copyOf(first);
    first.clear();
    inFlight++;
    return entry;
  }

  private void send(List<Pending> entry) {
    if (entry.isEmpty()) {
      return;
    }
    byte[] bytes = CommandCodecs.ENTRY.encode(entry.stream().map(Pending::envelope).toList());
    CompletableFuture<Applied> unused =
        proposer
            .propose(bytes)
            .whenComplete(
                (applied, failure) -> {
                  synchronized (this) {
                    inFlight--;
                  }
                  send(nextEntry());
                  if (failure != null) {
                    fail(entry, failure);
                  } else {
                    answer(entry, applied);
                  }
                });
  }

  private static void fail(List<Pending> entry, Throwable failure) {
    entry.forEach(pending -> pending.done().completeExceptionally(failure));
  }

  private static void answer(List<Pending> entry, Applied applied) {
    List<Outcome> outcomes;
    try {
      outcomes = MarketReplica.REPLY.decode(applied.reply());
    } catch (MalformedBytes e) {
      fail(entry, e);
      return;
    }
    if (outcomes.size() != entry.size()) {
      fail(
          entry,
          new IllegalStateException(
              "entry %d carried %d commands, but its reply has %d outcomes"
                  .formatted(applied.index(), entry.size(), outcomes.size())));
      return;
    }
    for (int offset = 0; offset < entry.size(); offset++) {
      entry.get(offset).done().complete(new Written(applied.index(), offset, outcomes.get(offset)));
    }
  }
}
