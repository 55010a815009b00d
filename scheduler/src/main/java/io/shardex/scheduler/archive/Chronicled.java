package io.shardex.scheduler.archive;

import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;

import io.shardex.market.Event;
import io.shardex.market.Stamp;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.Primitives;
import io.shardex.market.codec.ValueCodecs;
import java.util.List;

/**
 * What one command came to for one job.
 *
 * @param clockMillis market time after it
 */
public record Chronicled(Stamp at, long clockMillis, List<Event> events) {
  static final Codec<Chronicled> CODEC =
      record(
          Chronicled::new,
          field(ValueCodecs.STAMP, Chronicled::at),
          field(Primitives.LONG, Chronicled::clockMillis),
          field(EventCodecs.EVENT.list(), Chronicled::events));

  public Chronicled {
    events = List.copyOf(events);
  }
}
