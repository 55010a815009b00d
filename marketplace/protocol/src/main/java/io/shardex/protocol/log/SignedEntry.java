package io.shardex.protocol.log;

import io.shardex.market.Author;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.Stamp;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.decide.MarketMachine;
import io.shardex.protocol.key.AuthorRecovery;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;

/**
 * A log entry's commands with their authors: what an entry means, for a node that applies it and
 * for an auditor that replays it.
 */
public record SignedEntry(List<Envelope> envelopes, List<Author> authors) {
  public SignedEntry {
    envelopes = List.copyOf(envelopes);
    authors = List.copyOf(authors);
  }

  /**
   * Reads an entry and recovers its authors. Bytes that are no entry carry no command: only a node
   * that is not ours could have proposed them, and every replica passes over them alike.
   */
  public static SignedEntry read(byte[] entry, AuthorRecovery recovery) {
    List<Envelope> envelopes;
    try {
      envelopes = CommandCodecs.ENTRY.decode(entry);
    } catch (MalformedBytes e) {
      return new SignedEntry(List.of(), List.of());
    }
    return new SignedEntry(envelopes, recovery.authors(envelopes));
  }

  /**
   * Applies the commands in their order.
   *
   * @param after sees each outcome, with its offset, before the next command is applied
   * @return one outcome a command
   */
  public List<Outcome> applyTo(MarketMachine machine, long index, ObjIntConsumer<Outcome> after) {
    List<Outcome> outcomes = new ArrayList<>(envelopes.size());
    for (int offset = 0; offset < envelopes.size(); offset++) {
      Outcome outcome =
          machine.apply(envelopes.get(offset), authors.get(offset), new Stamp(index, offset));
      outcomes.add(outcome);
      after.accept(outcome, offset);
    }
    return outcomes;
  }
}
