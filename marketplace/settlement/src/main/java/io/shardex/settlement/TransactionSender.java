package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.protocol.key.SigningKey;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.DefaultBlockParameterName;
import org.web3j.protocol.core.methods.request.Transaction;
import org.web3j.protocol.core.methods.response.EthBlock;
import org.web3j.protocol.core.methods.response.TransactionReceipt;

/**
 * Sends the transactions of one account, one sender an account. It counts nonces itself, so that
 * transactions follow each other without waiting. While a caller awaits one, it hands it in again
 * if the chain lost it (with those before it, which the same loss may have taken) and raises the
 * fees if it is stuck: always under the same nonce, so each is executed at most once. Thread-safe;
 * calls block.
 */
public final class TransactionSender {
  /** How long a transaction in the chain is kept, to be handed in again if the chain loses it. */
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** How many may be on their way or kept; the oldest is let go of then. */
  private static final int MOST_KEPT = 1_024;

  private static final int NONCE_TRIES = 3;

  private final ChainClient chain;
  private final SigningKey key;
  private final Pace pace;
  private final Deque<Pending> kept = new ArrayDeque<>();
  private Optional<Long> nextNonce = Optional.empty();

  public TransactionSender(ChainClient chain, SigningKey key, Pace pace) {
    this.chain = chain;
    this.key = key;
    this.pace = pace;
  }

  /** The account. */
  public Address address() {
    return key.address();
  }

  ChainClient chain() {
    return chain;
  }

  /** Sends the call and returns its receipt. */
  Receipt run(Call call) {
    return await(send(call));
  }

  /** Sends the calls one after the other and returns the last one's receipt. */
  Receipt run(List<Call> calls) {
    return send(calls).stream().map(this::await).toList().getLast();
  }

  Pending send(Call call) {
    return send(List.of(call)).getFirst();
  }

  List<Pending> send(List<Call> calls) {
    return pipeline(nonce -> calls);
  }

  /**
   * Hands in calls that follow each other, without waiting for any.
   *
   * @param calls given the nonce of the first
   */
  synchronized List<Pending> pipeline(LongFunction<List<Call>> calls) {
    for (int attempt = 1; ; attempt++) {
      long first = nextNonce.orElseGet(this::nonceOnChain);
      try {
        return handIn(first, calls.apply(first));
      } catch (ChainFailure.Displaced e) {
        nextNonce = Optional.empty(); // somebody else uses the key: count anew
        if (attempt == NONCE_TRIES) {
          throw e;
        }
      }
    }
  }

  /** Only a refusal of the first is {@code Displaced}: nothing has been sent then. */
  private List<Pending> handIn(long first, List<Call> calls) {
    Fees fees = marketFees();
    List<Pending> sent = new ArrayList<>();
    for (Call call : calls) {
      Pending pending = new Pending(first + sent.size(), call, gas(call));
      sign(pending, fees);
      submit(pending, sent.isEmpty());
      nextNonce = Optional.of(pending.nonce() + 1);
      keep(pending);
      sent.add(pending);
    }
    return sent;
  }

  private void keep(Pending pending) {
    long now = System.nanoTime();
    while (kept.size() >= MOST_KEPT
        || (!kept.isEmpty() && kept.getFirst().isExecutedBefore(now - KEPT_NANOS))) {
      kept.removeFirst();
    }
    kept.addLast(pending);
  }

  private void sign(Pending pending, Fees fees) {
    pending.add(
        SignedTransaction.sign(
            key, chain.chainId(), pending.nonce(), pending.call(), pending.gas(), fees),
        System.nanoTime());
  }

  private void submit(Pending pending, boolean mayBeDisplaced) {
    String what = pending.call().what();
    try {
      var unused =
          chain.ask(what, node -> Answers.of(node.ethSendRawTransaction(pending.newest().raw())));
    } catch (ChainFailure.NodeRefused e) {
      Refusal refusal = Refusal.of(e);
      if (refusal == Refusal.OTHER) {
        throw e;
      }
      if (refusal == Refusal.NONCE_USED && mayBeDisplaced && receipt(pending).isEmpty()) {
        throw new ChainFailure.Displaced(what, pending.nonce());
      }
    }
    pending.sent(System.nanoTime());
  }

  /** Why a node does not take a transaction; nodes say it in words only. */
  private enum Refusal {
    /** The node has it, or one with this nonce that offers as much, or it offers too little now. */
    NOT_NOW,
    /** The chain holds one with this nonce. */
    NONCE_USED,
    OTHER;

    static Refusal of(ChainFailure.NodeRefused refused) {
      String words = String.valueOf(refused.getMessage()).toLowerCase(Locale.ROOT);
      if (words.contains("nonce too low")) {
        return NONCE_USED;
      }
      boolean notNow =
          List.of("already known", "already imported", "underpriced", "block base fee").stream()
              .anyMatch(words::contains);
      return notNow ? NOT_NOW : OTHER;
    }
  }

  /**
   * Waits until the transaction is as deep in the chain as the pace asks.
   *
   * @throws ChainFailure.Reverted when it was executed and refused
   * @throws ChainFailure.Displaced when another one took its nonce
   * @throws ChainFailure.Stuck when that takes too long
   * @throws ChainFailure.Unavailable when the chain is away for as long
   */
  Receipt await(Pending pending) {
    String what = pending.call().what();
    long start = System.nanoTime();
    while (true) {
      boolean isLate = System.nanoTime() - start > pace.giveUp().toNanos();
      try {
        Optional<TransactionReceipt> found = receipt(pending);
        if (found.isPresent() && isDeepEnough(found.get())) {
          return executed(pending, found.get());
        }
        if (found.isEmpty()) {
          revive(pending, System.nanoTime());
        }
      } catch (ChainFailure.Unavailable e) {
        if (isLate) {
          throw e; // until then it may come back, as after a restart
        }
      }
      if (isLate) {
        throw new ChainFailure.Stuck(what, pending.newest().hash(), pace.giveUp().toSeconds());
      }
      ChainClient.pause(what, pace.poll().toMillis());
    }
  }

  /**
   * Waits until what the account has on its way, maybe of an earlier sender, is in the chain.
   *
   * @throws ChainFailure.Stuck when that takes too long
   */
  void awaitEarlier() {
    String what = "earlier transactions of " + address();
    long start = System.nanoTime();
    while (chain.sentBy(address()) > chain.executedOf(address())) {
      if (System.nanoTime() - start > pace.giveUp().toNanos()) {
        throw new ChainFailure.Stuck(what, "of an earlier run", pace.giveUp().toSeconds());
      }
      ChainClient.pause(what, pace.poll().toMillis());
    }
  }

  private boolean isDeepEnough(TransactionReceipt receipt) {
    int depth = pace.confirmations().depth();
    return depth == 0
        || receipt.getBlockNumber().longValueExact()
            <= pace.confirmations().finalBlock(chain.latestBlock());
  }

  /** Hands in again, when it is time to, what the chain lacks up to this transaction. */
  private synchronized void revive(Pending pending, long now) {
    if (now - pending.lastSentNanos() < pace.resend().toNanos()) {
      return;
    }
    long onChain =
        chain.ask(
            pending.call().what(),
            node -> {
              // Read in this order, so that a nonce that is used up has its receipt already.
              long used = ChainClient.usedNonces(node, address(), DefaultBlockParameterName.LATEST);
              if (used > pending.nonce() && receipt(node, pending).isEmpty()) {
                throw new ChainFailure.Displaced(pending.call().what(), pending.nonce());
              }
              return used;
            });
    for (Pending lost : List.copyOf(kept)) {
      if (lost.nonce() >= onChain && lost.nonce() <= pending.nonce()) {
        if (now - lost.lastSignedNanos() > pace.bump().toNanos()
            && lost.bumps() < pace.maxBumps()) {
          sign(lost, lost.newest().fees().bumped(marketFees()));
        }
        submit(lost, false);
      }
    }
  }

  private Optional<TransactionReceipt> receipt(Pending pending) {
    return chain.ask(pending.call().what(), node -> receipt(node, pending));
  }

  private Optional<TransactionReceipt> receipt(Web3j node, Pending pending) throws IOException {
    List<String> hashes;
    synchronized (this) {
      hashes = pending.hashes();
    }
    for (String hash : hashes) {
      Optional<TransactionReceipt> found =
          Answers.of(node.ethGetTransactionReceipt(hash)).getTransactionReceipt();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Receipt executed(Pending pending, TransactionReceipt receipt) {
    synchronized (this) {
      pending.executed(System.nanoTime());
    }
    if (!receipt.isStatusOK()) {
      throw new ChainFailure.Reverted(pending.call().what(), whyReverted(pending, receipt));
    }
    return new Receipt(
        receipt.getTransactionHash(),
        receipt.getBlockNumber().longValueExact(),
        receipt.getGasUsed().longValueExact(),
        Optional.ofNullable(receipt.getContractAddress()).map(Address::parse));
  }

  /** Executes it again after its block, which as a rule fails as it did then. */
  private String whyReverted(Pending pending, TransactionReceipt receipt) {
    if (receipt.getGasUsed().longValueExact() == pending.gas()) {
      return "out of gas at " + pending.gas();
    }
    try {
      var unused =
          chain.ask(
              pending.call().what(),
              node ->
                  Answers.of(
                      node.ethCall(
                          asCall(pending.call()),
                          ChainClient.at(receipt.getBlockNumber().longValueExact()))));
      return "reverted, and would not any more";
    } catch (ChainFailure.Reverted e) {
      return e.reason();
    }
  }

  /** A quarter more than the estimate: the state may be another one when it is executed. */
  private long gas(Call call) {
    return call.gas()
        .orElseGet(
            () -> {
              long estimate =
                  chain
                      .ask(
                          call.what(),
                          node -> Answers.of(node.ethEstimateGas(asCall(call))).getAmountUsed())
                      .longValueExact();
              return estimate + estimate / 4;
            });
  }

  private Transaction asCall(Call call) {
    return Transaction.createEthCallTransaction(address().toString(), call.target(), call.data());
  }

  private Fees marketFees() {
    return chain.ask(
        "fees",
        node -> {
          EthBlock.Block newest =
              Answers.of(node.ethGetBlockByNumber(DefaultBlockParameterName.LATEST, false))
                  .getBlock();
          BigInteger tip = Answers.of(node.ethMaxPriorityFeePerGas()).getMaxPriorityFeePerGas();
          return Fees.over(newest.getBaseFeePerGas(), tip);
        });
  }

  private long nonceOnChain() {
    return chain.sentBy(address());
  }
}
