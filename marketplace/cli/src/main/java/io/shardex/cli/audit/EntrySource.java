package io.shardex.cli.audit;

import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.log.ArchiveReader;
import io.shardex.protocol.log.DamagedRecord;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.network.NetworkId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Where log entries come from, in order. */
@FunctionalInterface
public interface EntrySource {
  /** Passes on every entry it has. */
  void read(Consumer<LogEntry> reader) throws IOException;

  /** All that the nodes hold from an index on. */
  static EntrySource nodes(MarketClient market, long from) {
    return reader -> market.archive(from, 0, reader);
  }

  /** An export, or a file of a node's archive; throws {@link Difference} where it is damaged. */
  static EntrySource file(Path file, NetworkId network) {
    return reader -> {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        ArchiveReader archive = new ArchiveReader(in, network);
        Optional<LogEntry> entry = archive.next();
        while (entry.isPresent()) {
          reader.accept(entry.get());
          entry = archive.next();
        }
      } catch (DamagedRecord e) {
        throw new Difference(file + ": " + e.getMessage());
      }
    };
  }
}
