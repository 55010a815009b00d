package io.shardex.ops.bench;

import io.shardex.market.Command;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.Submitted;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Pace;
import io.shardex.settlement.Stake;
import io.shardex.settlement.TransactionSender;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker that is registered, but asks for nothing and has no agent: a key whose cheapest command
 * the market takes. Safe for many threads.
 */
final class QuietWorker implements AutoCloseable {
  private static final Duration CONFIRMED = Duration.ofMinutes(1);
  private static final int MEMORY_MIB = 64;

  private final Nodes nodes;
  private final MarketClient market;
  private final EnvelopeSigner signer;

  private QuietWorker(Nodes nodes, EnvelopeSigner signer) {
    this.nodes = nodes;
    this.market = new MarketClient(nodes);
    this.signer = signer;
  }

  /** Registers workers of a new owner, who stakes for them; they know these gateways. */
  static List<QuietWorker> register(UpProcess up, List<Endpoint> gateways, int count)
      throws IOException, InterruptedException {
    NetworkFile file = up.network();
    Network network = file.network();
    SigningKey owner = SigningKey.random(new SecureRandom());
    Amount stake = Amount.of(count * network.rules().money().workerStake().units());
    DevMoney.give(file, owner.address(), stake);
    try (ChainClient chain =
        ChainClient.connect(file.rpc().stream().map(URI::create).toList(), network.chainId())) {
      var unused =
          new Stake(chain, Contracts.of(network))
              .stake(new TransactionSender(chain, owner, Pace.local()), stake);
    }
    List<QuietWorker> workers = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        SigningKey key = SigningKey.random(new SecureRandom());
        Nodes nodes =
            Nodes.open(
                NodeAddresses.of(gateways, file.ca()), Identity.of(key, network), Patience.USUAL);
        QuietWorker worker = new QuietWorker(nodes, signer(key, network));
        workers.add(worker);
        up.await(
            "the market sees the stake of " + owner.address(),
            CONFIRMED,
            () -> !worker.market.stake(owner.address()).bonded().isLessThan(stake));
        Outcome unused =
            worker.market.require(
                worker.signer.sign(
                    new Command.RegisterWorker(
                        owner.address(), network.classes().getFirst().resources(), MEMORY_MIB),
                    signer(owner, network).endorse(key.address())));
      }
    } catch (InterruptedException | RuntimeException e) {
      workers.forEach(QuietWorker::close);
      throw e;
    }
    return workers;
  }

  private static EnvelopeSigner signer(SigningKey key, Network network) {
    InstantSource clock = InstantSource.system();
    return new EnvelopeSigner(key, network, new Nonces(clock), clock);
  }

  /** Says that it lives, and returns when the log has applied that. */
  Submitted say() {
    return market.submit(signer.sign(new Command.Alive()));
  }

  @Override
  public void close() {
    nodes.close();
  }
}
