package io.shardex.scheduler.archive;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.Stamp;
import io.shardex.market.earnings.PayeesOf;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every payee's history on this node's disk: one file a payee, named by its address, with the
 * events that its earnings follow from. The market forgets who was paid for what; this does not.
 *
 * <p>One thread writes, any may read.
 */
public final class PayeeChronicle implements AutoCloseable {
  private static final String FIRST = "first";

  private final Histories<Address> histories;
  private final long first;

  private PayeeChronicle(Histories<Address> histories, long first) {
    this.histories = histories;
    this.first = first;
  }

  /**
   * Opens a folder, which is made if it is not there.
   *
   * @param next the log index from which on a new one is kept
   */
  public static PayeeChronicle open(Path folder, long next) throws IOException {
    Histories<Address> histories = Histories.open(folder, "the chronicle of payees");
    Path file = folder.resolve(FIRST);
    if (!Files.exists(file)) {
      Path written = folder.resolve(FIRST + ".new");
      Files.writeString(written, Long.toString(next));
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }
    String text = Files.readString(file);
    if (!text.matches("[0-9]{1,18}")) {
      throw new IOException("expected a log index in " + file + ", but found something else");
    }
    return new PayeeChronicle(histories, Long.parseLong(text));
  }

  /** The log index from which on it was kept: 0 unless the node is older than this chronicle. */
  public long first() {
    return first;
  }

  /**
   * A part of a payee's history, in the log's order.
   *
   * @param next what to ask for to get what follows
   */
  public record Page(List<Chronicled> events, long next, boolean more) {
    public Page {
      events = List.copyOf(events);
    }
  }

  /** Keeps what an accepted command came to for the payees it concerns. */
  void happened(Stamp at, List<Event> events, MarketState after) {
    histories.requireSound();
    Map<Address, List<Event>> byPayee = new TreeMap<>();
    for (Event event : events) {
      for (Address payee : PayeesOf.of(event, after)) {
        byPayee.computeIfAbsent(payee, any -> new ArrayList<>()).add(event);
      }
    }
    try {
      for (Map.Entry<Address, List<Event>> concerned : byPayee.entrySet()) {
        histories.keep(
            concerned.getKey(), new Chronicled(at, after.clock().millis(), concerned.getValue()));
      }
    } catch (IOException e) {
      throw histories.fail(at.index(), e);
    }
  }

  /** All that was kept so far, to be synced on any thread. */
  LogKeeper.Durable written() {
    return histories.written();
  }

  /**
   * A payee's history.
   *
   * @param after 0, or the page before's {@link Page#next}
   * @param limit how many commands at most, at least 1
   * @param maxBytes the page is full once it has so many; one command always fits
   */
  public Page read(Address payee, long after, int limit, long maxBytes) throws IOException {
    List<Chronicled> found = new ArrayList<>();
    try (var history = histories.read(payee, after)) {
      long position = history.position();
      Optional<Chronicled> next = history.next();
      while (next.isPresent()) {
        boolean full = found.size() == limit || position - after >= maxBytes;
        if (full && !found.isEmpty()) {
          return new Page(found, position, true);
        }
        found.add(next.get());
        position = history.position();
        next = history.next();
      }
      return new Page(found, position, false);
    }
  }

  @Override
  public void close() throws IOException {
    histories.close();
  }
}
