package io.shardex.cli.command;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.state.Job;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.DepositAccount;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.NodeStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** What anybody may read of the market. */
public interface MarketBoard {
  /** Jobs in the market's state, all or one builder's. */
  List<Job> jobs(Optional<Address> builder);

  /** Settled jobs with their books, in the state or out of it, as far as one node knows them. */
  List<JobAccount> endedJobs(Optional<Address> builder);

  /** A job's confirmed deposit. */
  Optional<DepositAccount> deposit(JobId job);

  /** Gross price of each class in the open epoch. */
  SortedMap<ResourceClass, UnitPrice> prices();

  List<Worker> workers();

  /** What workers' last hardware challenges showed. */
  List<Proof> proofs();

  /** The node that answers first. */
  NodeStatus status();

  /** The nodes' own network. */
  Network network();
}
