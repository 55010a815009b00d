package io.shardex.cli;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.Outcome;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.BlobClient;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.DepositAccount;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.ShardProgress;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.key.EnvelopeSigner;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The marketplace over the wire. The nodes stay the caller's to close. */
public final class NodesMarketplace implements Marketplace {
  private static final Logger LOG = LoggerFactory.getLogger(NodesMarketplace.class);

  private final MarketClient market;
  private final BlobClient blobs;
  private final Optional<EnvelopeSigner> signer;

  public NodesMarketplace(Nodes nodes, EnvelopeSigner signer) {
    this(nodes, Optional.of(signer));
  }

  private NodesMarketplace(Nodes nodes, Optional<EnvelopeSigner> signer) {
    this.market = new MarketClient(nodes);
    this.blobs = new BlobClient(nodes);
    this.signer = signer;
  }

  /** For somebody without a key, who may look but not submit. */
  public static NodesMarketplace toRead(Nodes nodes) {
    return new NodesMarketplace(nodes, Optional.empty());
  }

  @Override
  public long chainBlock() {
    return market.status().chainBlock();
  }

  @Override
  public Optional<Amount> freeDeposit(JobId job) {
    return market.deposit(job).map(DepositAccount::free);
  }

  @Override
  public Optional<JobAccount> job(JobId job) {
    return market.job(job);
  }

  @Override
  public List<ShardProgress> progress(JobId job) {
    return market.progress(job);
  }

  @Override
  public void submit(Command command) {
    EnvelopeSigner author =
        signer.orElseThrow(() -> new IllegalStateException("no key to sign " + command + " with"));
    Outcome.Accepted accepted = market.require(author.sign(command));
    LOG.info("{} caused {} events", command, accepted.events().size());
  }

  @Override
  public void put(Path file, BlobProgress progress) {
    LOG.info("{} is blob {}", file, blobs.put(file, progress));
  }

  @Override
  public void put(byte[] content, BlobProgress progress) {
    LOG.info("{} bytes are blob {}", content.length, blobs.put(content, progress));
  }

  @Override
  public byte[] get(Digest blob, long maxBytes) {
    return blobs.get(blob, maxBytes, BlobProgress.NONE);
  }

  @Override
  public Following watch(JobId job, Watch.Reader reader) {
    Watch watch = market.watch(0, Optional.of(job), reader);
    return watch::close;
  }
}
