package io.shardex.ops.founding;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Deployment;
import io.shardex.settlement.DevChain;
import io.shardex.settlement.Pace;
import io.shardex.settlement.SettlementTerms;
import io.shardex.settlement.TransactionSender;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/**
 * The contracts of a plan on its chain: looked for, deployed, and compared with what was agreed.
 */
final class PlannedContracts implements AutoCloseable {
  /** Ten whole coins: more than anybody uses up on a development chain. */
  private static final BigInteger GAS_MONEY = BigInteger.TEN.pow(19);

  private final NetworkPlan plan;
  private final ChainClient chain;
  private final Contracts contracts;

  PlannedContracts(NetworkPlan plan) {
    this.plan = plan;
    this.chain = ChainClient.connect(plan.rpc().stream().map(URI::create).toList(), plan.chainId());
    this.contracts = PlanFile.contracts(plan);
  }

  /** Whether they are there, of this run or an earlier one. */
  boolean areThere() {
    return chain.hasCode(contracts.settlement());
  }

  /** Deploys what is not there yet. */
  void deploy(SigningKey deployer, Network network) {
    if (!deployer.address().equals(plan.deployer())) {
      throw new Trouble(
          ExitCode.USAGE,
          "the plan's deployer is %s, but the key is of %s"
              .formatted(plan.deployer(), deployer.address()),
          "Name the key that the plan was made with: --key FILE");
    }
    try {
      Deployment.deployAt(
          plan.nonce(),
          new TransactionSender(chain, deployer, Pace.of(plan.chainId())),
          Deployment.Plan.usual(
              PlanFile.existingToken(plan), network.validators(), network.threshold(), List.of()));
    } catch (ChainFailure.NonceMoved e) {
      throw new Trouble(
          ExitCode.USAGE,
          e.getMessage()
              + ": the contracts would not get the addresses that the cards were made for",
          "Plan anew with 'shardex network plan' and let the operators answer with new cards; they"
              + " keep their keys",
          e);
    }
  }

  /** Passes if Settlement says of itself what the network file says of it. */
  void requireAgreed(Network network) {
    SettlementTerms agreed =
        new SettlementTerms(
            network.token(),
            network.escrow(),
            network.stakeVault(),
            network.validators(),
            network.threshold());
    SettlementTerms found = SettlementTerms.read(chain, contracts);
    if (!found.equals(agreed)) {
      throw new Trouble(
          ExitCode.REFUSED,
          "the contracts at %s were deployed for others: they say %s, but plan and cards say %s"
              .formatted(contracts.settlement(), found, agreed),
          "Name the cards they were deployed with; for other nodes plan anew");
    }
  }

  /** On a development chain gives gas money; elsewhere says who lacks it. */
  void requireGasMoney(Address account, String who, Consumer<String> say) {
    if (chain.gasMoney(account).signum() > 0) {
      return;
    }
    DevChain dev = new DevChain(URI.create(plan.rpc().getFirst()));
    if (plan.chainId() == DevChain.ID && dev.answers()) {
      dev.setGasMoney(account, GAS_MONEY);
      say.accept("gas money for %s %s, for this is a development chain".formatted(who, account));
    } else if (account.equals(plan.deployer())) {
      throw new Trouble(
          ExitCode.USAGE,
          "%s %s has no gas money on chain %d".formatted(who, account, plan.chainId()),
          "Send it some of the chain's own coin");
    } else {
      say.accept(
          "%s %s has no gas money: send it some, for validators pay the gas of settlements"
              .formatted(who, account));
    }
  }

  @Override
  public void close() {
    chain.close();
  }
}
