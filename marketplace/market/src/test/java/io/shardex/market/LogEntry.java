package io.shardex.market;

import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.decide.MarketMachine;

/** One command as the log holds it, in bytes, and who signed it. */
final class LogEntry {
  private final byte[] bytes;
  private final Author author;
  private final Stamp stamp;

  LogEntry(Envelope envelope, Author author, Stamp stamp) {
    this.bytes = CommandCodecs.ENVELOPE.encode(envelope);
    this.author = author;
    this.stamp = stamp;
  }

  Outcome applyTo(MarketMachine machine) {
    return machine.apply(CommandCodecs.ENVELOPE.decode(bytes), author, stamp);
  }
}
