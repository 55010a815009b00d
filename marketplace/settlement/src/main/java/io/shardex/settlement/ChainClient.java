package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.web3j.exceptions.MessageDecodingException;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.DefaultBlockParameter;
import org.web3j.protocol.core.DefaultBlockParameterName;
import org.web3j.protocol.core.methods.response.EthBlock;
import org.web3j.protocol.exceptions.ClientConnectionException;

/**
 * The chain behind one or more JSON-RPC endpoints. It stays with an endpoint until that one fails,
 * then goes on to the next; every answer comes whole from one endpoint, whose chain id was checked.
 * Thread-safe; calls block.
 *
 * <p>Every method throws {@link ChainFailure.Unavailable} when no endpoint answers in time and
 * {@link ChainFailure.WrongChain} when one serves another chain.
 */
public final class ChainClient implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final List<URI> endpoints;
  private final long chainId;
  private final Patience patience;
  private final List<Endpoint> nodes;
  private volatile int current;

  private ChainClient(List<URI> endpoints, long chainId, Patience patience) {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("a chain client needs at least one endpoint");
    }
    this.endpoints = List.copyOf(endpoints);
    this.chainId = chainId;
    this.patience = patience;
    this.nodes =
        endpoints.stream().map(uri -> new Endpoint(uri, chainId, patience.call())).toList();
  }

  /**
   * A client of the chain with this id, after one endpoint has answered with it.
   *
   * @param endpoints HTTP addresses of JSON-RPC servers, the preferred one first
   */
  public static ChainClient connect(List<URI> endpoints, long chainId) {
    return connect(endpoints, chainId, Patience.DEFAULT);
  }

  /** A client of a chain that may be away right now; each endpoint is checked when it answers. */
  public static ChainClient open(List<URI> endpoints, long chainId) {
    return new ChainClient(endpoints, chainId, Patience.DEFAULT);
  }

  /** The same with another patience. */
  public static ChainClient connect(List<URI> endpoints, long chainId, Patience patience) {
    ChainClient client = new ChainClient(endpoints, chainId, patience);
    try {
      var unused = client.latestBlock();
      return client;
    } catch (ChainFailure e) {
      client.close();
      throw e;
    }
  }

  public long chainId() {
    return chainId;
  }

  /** The newest block's number. */
  public long latestBlock() {
    return ask("newest block", node -> Answers.of(node.ethBlockNumber()).getBlockNumber())
        .longValueExact();
  }

  /** The block with this number; empty when the chain has not come to it. */
  public Optional<ChainBlock> block(long number) {
    return ask("block " + number, node -> block(node, number));
  }

  /** Gas money of an account, in wei. */
  public BigInteger gasMoney(Address account) {
    return ask(
        "gas money of " + account,
        node ->
            Answers.of(node.ethGetBalance(account.toString(), DefaultBlockParameterName.LATEST))
                .getBalance());
  }

  /** Whether there is a contract at the address. */
  public boolean hasCode(Address address) {
    String code =
        ask(
            "code at " + address,
            node ->
                Answers.of(node.ethGetCode(address.toString(), DefaultBlockParameterName.LATEST))
                    .getCode());
    return code.length() > "0x".length();
  }

  /** How many transactions an account has sent, those on their way included: its next nonce. */
  public long sentBy(Address account) {
    return ask(
        "nonce of " + account,
        node -> usedNonces(node, account, DefaultBlockParameterName.PENDING));
  }

  /** How many transactions of an account are in the chain. */
  long executedOf(Address account) {
    return ask(
        "nonce of " + account, node -> usedNonces(node, account, DefaultBlockParameterName.LATEST));
  }

  static long usedNonces(Web3j node, Address account, DefaultBlockParameterName at)
      throws IOException {
    return Answers.of(node.ethGetTransactionCount(account.toString(), at))
        .getTransactionCount()
        .longValueExact();
  }

  /** The id of the chain that this endpoint serves. */
  public static long chainIdOf(URI uri) {
    try (Endpoint endpoint = new Endpoint(uri, 0, Patience.DEFAULT.call())) {
      return endpoint.servedChain();
    } catch (IOException | ClientConnectionException | MessageDecodingException e) {
      throw new ChainFailure.Unavailable("chain id", List.of(uri), e);
    }
  }

  static Optional<ChainBlock> block(Web3j node, long number) throws IOException {
    EthBlock.@Nullable Block block =
        Answers.of(node.ethGetBlockByNumber(at(number), false)).getBlock();
    return Optional.ofNullable(block)
        .map(
            found ->
                new ChainBlock(
                    number,
                    Digest.parse(found.getHash()),
                    TimeUnit.SECONDS.toMillis(found.getTimestamp().longValueExact())));
  }

  static DefaultBlockParameter at(long block) {
    return DefaultBlockParameter.valueOf(BigInteger.valueOf(block));
  }

  /** A question to one node. It may be asked again, of another node, when no answer comes. */
  @FunctionalInterface
  interface Question<T> {
    T ask(Web3j node) throws Exception;
  }

  <T> T ask(String what, Question<T> question) {
    Exception last = null;
    for (int round = 0; round < patience.rounds(); round++) {
      for (int i = 0; i < nodes.size(); i++) {
        int chosen = current;
        Endpoint endpoint = nodes.get(chosen);
        try {
          return question.ask(endpoint.checked());
        } catch (IOException | ClientConnectionException | MessageDecodingException e) {
          last = e;
          endpoint.doubt();
          current = (chosen + 1) % nodes.size();
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(what, e);
        }
      }
      if (round + 1 < patience.rounds()) {
        pause(what, backoffMillis(round));
      }
    }
    throw new ChainFailure.Unavailable(what, endpoints, last);
  }

  private static long backoffMillis(int round) {
    long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(round, 10));
    return ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
  }

  static void pause(String what, long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChainFailure.Interrupted(what, e);
    }
  }

  /** Closes the connections. */
  @Override
  public void close() {
    nodes.forEach(Endpoint::close);
  }
}
