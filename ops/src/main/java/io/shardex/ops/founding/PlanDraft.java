package io.shardex.ops.founding;

import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.tls.TrustRoots;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Deployment;
import io.shardex.settlement.DevChain;
import io.shardex.settlement.Token;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What a coordinator decides on; the chain knows the rest of a plan.
 *
 * @param token the escrow token; empty to make a development token
 * @param ca the network's CA; empty if all nodes are on loopback
 */
record PlanDraft(
    String name,
    List<URI> rpc,
    Address deployer,
    Optional<Address> token,
    Address treasury,
    int threshold,
    Optional<TrustRoots> ca) {
  private static final int DECIMALS = 6;

  /** Asks every endpoint which chain it serves, and one of them for the deployer's next nonce. */
  NetworkPlan plan() {
    long chainId = chainId();
    if (token.isEmpty() && chainId != DevChain.ID) {
      throw new Trouble(
          ExitCode.USAGE,
          "chain %d is no development chain, and no --token is given".formatted(chainId),
          "Name an ERC-20 with 6 decimals on it: --token ADDRESS");
    }
    try (ChainClient chain = ChainClient.connect(rpc, chainId)) {
      token.ifPresent(existing -> requireToken(chain, existing));
      long block = chain.latestBlock();
      long nonce = chain.sentBy(deployer);
      Contracts contracts = Deployment.addresses(chainId, deployer, nonce, token, block);
      return new NetworkPlan(
          name,
          chainId,
          rpc.stream().map(URI::toString).toList(),
          deployer,
          nonce,
          block,
          token.isEmpty(),
          contracts.token(),
          contracts.escrow(),
          contracts.stakeVault(),
          contracts.settlement(),
          treasury,
          threshold,
          LocalTerms.network().classes(),
          LocalTerms.network().rules(),
          ca);
    } catch (IllegalArgumentException e) {
      throw new Trouble(ExitCode.USAGE, String.valueOf(e.getMessage()), "Mend the command line", e);
    }
  }

  private long chainId() {
    long first = ChainClient.chainIdOf(rpc.getFirst());
    for (URI other : rpc.subList(1, rpc.size())) {
      long found = ChainClient.chainIdOf(other);
      if (found != first) {
        throw new Trouble(
            ExitCode.USAGE,
            "%s serves chain %d, but %s serves chain %d"
                .formatted(rpc.getFirst(), first, other, found),
            "Name endpoints of one chain");
      }
    }
    return first;
  }

  private static void requireToken(ChainClient chain, Address token) {
    int decimals;
    try {
      decimals = Token.decimals(chain, token);
    } catch (ChainFailure.BadAnswer e) {
      throw new Trouble(
          ExitCode.USAGE,
          "there is no ERC-20 at %s on chain %d".formatted(token, chain.chainId()),
          "Check --token",
          e);
    }
    if (decimals != DECIMALS) {
      throw new Trouble(
          ExitCode.USAGE,
          "the token %s has %d decimals, and the market counts with %d"
              .formatted(token, decimals, DECIMALS),
          "Name another one: --token ADDRESS");
    }
  }
}
