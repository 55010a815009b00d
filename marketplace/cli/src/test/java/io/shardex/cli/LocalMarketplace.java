package io.shardex.cli;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Rejection;
import io.shardex.market.Stamp;
import io.shardex.pricing.Amount;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.ShardProgress;
import io.shardex.protocol.client.Watch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A market in memory that reads a {@link LocalEscrow} and takes every command. */
public final class LocalMarketplace implements Marketplace {
  public final List<Command> commands = new ArrayList<>();
  public final Map<Digest, byte[]> blobs = new HashMap<>();
  public final Map<JobId, JobAccount> jobs = new HashMap<>();
  public final List<Event> log = new ArrayList<>();
  boolean blind;

  /** What the next commands are answered with. */
  public Optional<Rejection> refusal = Optional.empty();

  private final LocalEscrow chain;

  public LocalMarketplace(LocalEscrow chain) {
    this.chain = chain;
  }

  @Override
  public long chainBlock() {
    return blind ? 0 : chain.latestBlock();
  }

  @Override
  public Optional<Amount> freeDeposit(JobId job) {
    return blind ? Optional.empty() : Optional.ofNullable(chain.deposits.get(job));
  }

  @Override
  public Optional<JobAccount> job(JobId job) {
    return Optional.ofNullable(jobs.get(job));
  }

  @Override
  public List<ShardProgress> progress(JobId job) {
    return List.of();
  }

  @Override
  public void submit(Command command) {
    if (refusal.isPresent()) {
      throw new Refused(refusal.get());
    }
    commands.add(command);
  }

  @Override
  public void put(Path file, BlobProgress progress) {
    try {
      put(Files.readAllBytes(file), progress);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void put(byte[] content, BlobProgress progress) {
    blobs.put(Manifest.of(content).id(), content);
    progress.at(content.length, content.length);
  }

  @Override
  public byte[] get(Digest blob, long maxBytes) {
    return Optional.ofNullable(blobs.get(blob)).orElseThrow();
  }

  @Override
  public Following watch(JobId job, Watch.Reader heard) {
    heard.committed(new Stamp(1, 0), log);
    return () -> {};
  }
}
