package io.shardex.cli.command;

import io.shardex.market.Address;
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
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** The board over the wire. */
record NodesBoard(MarketClient market) implements MarketBoard {
  @Override
  public List<Job> jobs(Optional<Address> builder) {
    return market.jobs(builder);
  }

  @Override
  public List<JobAccount> endedJobs(Optional<Address> builder) {
    return market.settledJobs(builder).stream()
        .map(
            ended ->
                new JobAccount(
                    ended.settledIndex(),
                    ended.job(),
                    List.of(),
                    Amount.ZERO,
                    Amount.ZERO,
                    ended.fees(),
                    ended.refunded(),
                    ended.paid()))
        .toList();
  }

  @Override
  public Optional<DepositAccount> deposit(JobId job) {
    return market.deposit(job);
  }

  @Override
  public SortedMap<ResourceClass, UnitPrice> prices() {
    return market.prices();
  }

  @Override
  public List<Worker> workers() {
    return market.workers(Optional.empty());
  }

  @Override
  public List<Proof> proofs() {
    return market.proofs(Optional.empty());
  }

  @Override
  public NodeStatus status() {
    return market.status();
  }

  @Override
  public Network network() {
    return market.network();
  }
}
