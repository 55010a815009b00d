package io.shardex.cli;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.ShardProgress;
import io.shardex.protocol.client.Watch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The scheduler nodes as a builder sees them. Every call may throw a {@link
 * io.shardex.protocol.client.ClientFailure}.
 */
public interface Marketplace {
  /** Newest chain block the market has read. */
  long chainBlock();

  /** What is free of a job's confirmed deposit; empty while the market knows of none. */
  Optional<Amount> freeDeposit(JobId job);

  /** A job that is alive or not yet archived. */
  Optional<JobAccount> job(JobId job);

  /** What the agents of a job last said. */
  List<ShardProgress> progress(JobId job);

  /**
   * Signs the command as the builder and sends it; throws {@code Refused} if the market says no.
   */
  void submit(Command command);

  /** Uploads what the grid lacks of a file. */
  void put(Path file, BlobProgress progress);

  /** Uploads what the grid lacks of these bytes. */
  void put(byte[] content, BlobProgress progress);

  /** A whole blob, verified against its id; a longer one than {@code maxBytes} is refused. */
  byte[] get(Digest blob, long maxBytes);

  /** Tells a job's events from its first on; ends with {@link Watch#close}. */
  Following watch(JobId job, Watch.Reader reader);

  /** A watch that runs until it is closed. */
  interface Following extends AutoCloseable {
    @Override
    void close();
  }
}
