package io.shardex.cli.command;

import io.shardex.cli.LocalEscrow;
import io.shardex.cli.LocalMarketplace;
import io.shardex.cli.Marketplace;
import io.shardex.cli.SmallJob;
import io.shardex.cli.check.Gateway;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.state.Job;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.DepositAccount;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import io.shardex.settlement.ChainBlock;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A network in memory: one node, and a chain that does at once what it is told. */
final class LocalNetwork implements Connections, MarketBoard, TokenChain {
  static final ResourceClass CPU = new ResourceClass("cpu");

  final LocalEscrow escrow = new LocalEscrow();
  final LocalMarketplace market = new LocalMarketplace(escrow);
  final SortedMap<ResourceClass, UnitPrice> prices =
      new TreeMap<>(Map.of(CPU, new UnitPrice(5_500_000_000L)));
  final List<JobAccount> ended = new ArrayList<>();
  final List<Worker> workers = new ArrayList<>();
  final List<Proof> proofs = new ArrayList<>();
  final List<String> sent = new ArrayList<>();
  Network there = SmallJob.NETWORK;
  boolean ready = true;
  long clockMillis;
  boolean development = true;
  boolean deployed = true;
  BigInteger gas = BigInteger.TEN.pow(18);
  Amount withdrawable = Amount.ZERO;
  StakeMoney stake = new StakeMoney(Amount.ZERO, Amount.ZERO, 0, Amount.ZERO, Amount.ZERO);

  @Override
  public MarketBoard board() {
    return this;
  }

  @Override
  public Marketplace market() {
    return market;
  }

  @Override
  public TokenChain chain() {
    return this;
  }

  @Override
  public Gateway gateway(Endpoint address) {
    return new Gateway(status(), there);
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  @Override
  public List<Job> jobs(Optional<Address> builder) {
    return market.jobs.values().stream()
        .map(JobAccount::job)
        .filter(job -> builder.isEmpty() || builder.get().equals(job.deposit().builder()))
        .toList();
  }

  @Override
  public List<JobAccount> endedJobs(Optional<Address> builder) {
    return ended;
  }

  @Override
  public Optional<DepositAccount> deposit(JobId job) {
    return market
        .job(job)
        .map(account -> new DepositAccount(account.job().deposit(), account.free()));
  }

  @Override
  public SortedMap<ResourceClass, UnitPrice> prices() {
    return prices;
  }

  @Override
  public List<Worker> workers() {
    return workers;
  }

  @Override
  public List<Proof> proofs() {
    return proofs;
  }

  @Override
  public NodeStatus status() {
    return new NodeStatus(
        new NodeAddress("127.0.0.1", 1),
        ready,
        7,
        Digest.ZERO,
        3,
        clockMillis,
        2,
        clockMillis + 3_000,
        10,
        List.of());
  }

  @Override
  public Network network() {
    return there;
  }

  @Override
  public Amount tokens(Address who) {
    return escrow.balance;
  }

  @Override
  public BigInteger gas(Address who) {
    return gas;
  }

  @Override
  public Amount withdrawable(Address who) {
    return withdrawable;
  }

  @Override
  public StakeMoney stake(Address who) {
    return stake;
  }

  @Override
  public ChainBlock newestBlock() {
    return new ChainBlock(10, Digest.ZERO, clockMillis);
  }

  @Override
  public boolean hasCode(Address contract) {
    return deployed;
  }

  @Override
  public boolean isForDevelopment() {
    return development;
  }

  @Override
  public void giveGas(Address who, BigInteger wei) {
    gas = wei;
  }

  @Override
  public String giveTokens(Address who, Amount amount) {
    return done("gave " + amount);
  }

  @Override
  public Holder holder(SigningKey key) {
    escrow.builder = key.address();
    return new LocalHolder();
  }

  private String done(String what) {
    sent.add(what);
    return "0xhash" + sent.size();
  }

  private final class LocalHolder implements Holder {
    @Override
    public Address address() {
      return escrow.address();
    }

    @Override
    public Amount balance() {
      return escrow.balance();
    }

    @Override
    public long latestBlock() {
      return escrow.latestBlock();
    }

    @Override
    public String deposit(long nonce, Digest specDigest, long refundAt, Amount amount) {
      return escrow.deposit(nonce, specDigest, refundAt, amount);
    }

    @Override
    public String stake(Amount amount) {
      return done("staked " + amount);
    }

    @Override
    public String unstake(Amount amount) {
      return done("unstaked " + amount);
    }

    @Override
    public String withdrawStake() {
      return done("withdrew stake");
    }

    @Override
    public String withdrawPay() {
      return done("withdrew pay");
    }
  }
}
