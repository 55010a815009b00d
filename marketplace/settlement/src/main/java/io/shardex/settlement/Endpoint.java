package io.shardex.settlement;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.http.HttpService;

/** One JSON-RPC server. Its chain id is asked before the first call and after every failed one. */
final class Endpoint implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);

  private final URI uri;
  private final long chainId;
  private final OkHttpClient http;
  private final Web3j node;
  private volatile boolean checked;

  Endpoint(URI uri, long chainId, Duration callLimit) {
    this.uri = uri;
    this.chainId = chainId;
    this.http =
        new OkHttpClient.Builder().connectTimeout(CONNECT_LIMIT).callTimeout(callLimit).build();
    this.node = Web3j.build(new HttpService(uri.toString(), http, false));
  }

  Web3j checked() throws IOException {
    if (!checked) {
      long found = Answers.of(node.ethChainId()).getChainId().longValueExact();
      if (found != chainId) {
        throw new ChainFailure.WrongChain(uri, chainId, found);
      }
      checked = true;
    }
    return node;
  }

  void doubt() {
    checked = false;
  }

  @Override
  public void close() {
    node.shutdown();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
