package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.DevToken;
import io.shardex.settlement.contract.Settlement;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.generated.Uint128;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.abi.datatypes.generated.Uint64;
import org.web3j.crypto.ContractUtils;

/**
 * Puts a network's contracts on a chain. A contract's address follows from its creator's nonce, so
 * everything is handed in at once and may get into one block.
 */
public final class Deployment {
  /** It takes 635,000; what is not used is not paid. */
  private static final long TOKEN_GAS = 1_000_000;

  /** It takes 4.3 million with 3 validators and, by their storage, 3 million more with 64. */
  private static final long SETTLEMENT_GAS = 9_000_000;

  private static final long MINT_GAS = 100_000;

  private Deployment() {}

  /** So many tokens for an account, to begin with. */
  public record Grant(Address to, Amount amount) {}

  /**
   * What to put there.
   *
   * @param token the escrow token; empty to make a development token
   * @param validators n distinct keys, at most 64
   * @param threshold k: more than half of n
   * @param minDeposit least amount of a deposit, above zero
   * @param maxRefundDelay how far ahead a refund date may lie
   * @param unbondingDelay how long unstaking takes
   * @param grants of the development token
   */
  public record Plan(
      Optional<Address> token,
      List<Address> validators,
      int threshold,
      Amount minDeposit,
      Duration maxRefundDelay,
      Duration unbondingDelay,
      List<Grant> grants) {
    public Plan {
      validators = List.copyOf(validators);
      grants = List.copyOf(grants);
      if (token.isPresent() && !grants.isEmpty()) {
        throw new IllegalArgumentException("only a token made here can be granted");
      }
    }

    /** With the usual bounds of escrow and vault. */
    public static Plan usual(
        Optional<Address> token, List<Address> validators, int threshold, List<Grant> grants) {
      return new Plan(
          token,
          validators,
          threshold,
          Amount.of(10_000),
          Duration.ofDays(30),
          Duration.ofDays(1),
          grants);
    }
  }

  /**
   * Returns when all of it is in the chain. The deployer becomes the development token's minter.
   */
  public static Contracts deploy(TransactionSender deployer, Plan plan) {
    List<Pending> sent = deployer.pipeline(nonce -> calls(deployer.address(), nonce, plan));
    List<Receipt> receipts = sent.stream().map(deployer::await).toList();
    return addresses(
        deployer.chain().chainId(),
        deployer.address(),
        sent.getFirst().nonce(),
        plan.token(),
        receipts.get(plan.token().isPresent() ? 0 : 1).block());
  }

  /**
   * The same at addresses that are known before. Started again after an interruption it goes on.
   *
   * @param nonce of the deployer's first transaction for it
   * @param plan grants nothing, for that could happen twice
   * @throws ChainFailure.NonceMoved when the deployer has sent something else meanwhile
   */
  public static void deployAt(long nonce, TransactionSender deployer, Plan plan) {
    if (!plan.grants().isEmpty()) {
      throw new IllegalArgumentException("a deployment that may be repeated grants nothing");
    }
    deployer.awaitEarlier();
    ChainClient chain = deployer.chain();
    Contracts there = addresses(chain.chainId(), deployer.address(), nonce, plan.token(), 0);
    if (chain.hasCode(there.settlement())) {
      return;
    }
    int done = plan.token().isEmpty() && chain.hasCode(there.token()) ? 1 : 0;
    List<Call> calls = calls(deployer.address(), nonce, plan);
    List<Pending> sent =
        deployer.pipeline(
            next -> {
              if (next != nonce + done) {
                throw new ChainFailure.NonceMoved(deployer.address(), nonce + done, next);
              }
              return calls.subList(done, calls.size());
            });
    sent.forEach(deployer::await);
  }

  /**
   * Where the contracts come to be: a contract's address follows from its creator and nonce.
   *
   * @param nonce of the deployer's first transaction for it
   * @param token the escrow token; empty when a development token is made first
   * @param startBlock a block that is not after their creation
   */
  public static Contracts addresses(
      long chainId, Address deployer, long nonce, Optional<Address> token, long startBlock) {
    Address settlement = created(deployer, token.isPresent() ? nonce : nonce + 1);
    return new Contracts(
        chainId,
        token.orElseGet(() -> created(deployer, nonce)),
        // Settlement's constructor makes them; a contract's own nonces start at 1 (EIP-161).
        created(settlement, 1),
        created(settlement, 2),
        settlement,
        startBlock);
  }

  private static List<Call> calls(Address deployer, long nonce, Plan plan) {
    List<Call> calls = new ArrayList<>();
    Address token = plan.token().orElseGet(() -> created(deployer, nonce));
    if (plan.token().isEmpty()) {
      calls.add(Call.creation("creation of the token", DevToken.BINARY, TOKEN_GAS));
    }
    calls.add(
        Call.creation(
            "creation of the contracts",
            Settlement.BINARY + constructorArguments(token, plan),
            SETTLEMENT_GAS));
    for (Grant grant : plan.grants()) {
      calls.add(Token.mintCall(token, grant.to(), grant.amount()).withGas(MINT_GAS));
    }
    return calls;
  }

  private static String constructorArguments(Address token, Plan plan) {
    return FunctionEncoder.encodeConstructor(
        List.of(
            abi(token),
            new DynamicArray<>(
                org.web3j.abi.datatypes.Address.class,
                plan.validators().stream().map(Deployment::abi).toList()),
            new Uint256(plan.threshold()),
            new Uint128(Units.units(plan.minDeposit())),
            new Uint64(plan.maxRefundDelay().toSeconds()),
            new Uint64(plan.unbondingDelay().toSeconds())));
  }

  private static org.web3j.abi.datatypes.Address abi(Address address) {
    return new org.web3j.abi.datatypes.Address(address.toString());
  }

  private static Address created(Address creator, long nonce) {
    return Address.of(
        ContractUtils.generateContractAddress(creator.bytes(), BigInteger.valueOf(nonce)));
  }
}
