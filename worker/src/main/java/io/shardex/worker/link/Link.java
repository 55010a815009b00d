package io.shardex.worker.link;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.state.Worker;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.BlobProgress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All the agent needs of the network. Every call may throw a {@link LinkFailure}; an interrupted
 * one leaves the thread's interrupt flag set. Safe for many threads.
 */
public interface Link extends AutoCloseable {
  /** Sends a signed command and waits until it is applied; a rejection is a value. */
  Outcome submit(Envelope envelope);

  /** What the market knows of a worker. */
  Optional<Worker> worker(Address key);

  /** Market time. */
  long clockMillis();

  /** A whole blob; one longer than {@code maxBytes} is refused before its content is fetched. */
  byte[] blob(Digest id, int maxBytes);

  /** Part of a blob; what lies beyond its end is left out. */
  byte[] blob(Digest id, long offset, int length);

  /**
   * Writes a whole blob to a file, with three chunks of memory; what an earlier call left beside
   * the file, in {@code NAME.part}, is gone on with. A blob longer than {@code maxBytes} is refused
   * before its content is fetched.
   *
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  void blob(Digest id, Path file, long maxBytes, BlobProgress progress);

  /** Stores a blob; returns its id. */
  Digest upload(byte[] content);

  /**
   * Stores a file as a blob, with one chunk of memory; returns its id.
   *
   * @throws java.io.UncheckedIOException if it cannot be read or changes meanwhile
   */
  Digest upload(Path file);

  /** Opens the stream that tells of leases; see {@link AgentListener} for its thread. */
  Line connect(AgentListener listener);

  /** Ends every call under way. */
  @Override
  void close();
}
