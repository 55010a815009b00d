package io.shardex.settlement;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.http.HttpService;

/** One JSON-RPC server. Its chain id is asked before the first call and after every failed one. */
final class Endpoint implements AutoCloseable {
  /** The logs of a thousand full blocks are smaller. */
  private static final long MOST_BYTES = 64L << 20;

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
        new OkHttpClient.Builder()
            .connectTimeout(CONNECT_LIMIT)
            .callTimeout(callLimit)
            .addInterceptor(Endpoint::bounded)
            .build();
    this.node = Web3j.build(new HttpService(uri.toString(), http, false));
  }

  Web3j checked() throws IOException {
    if (!checked) {
      long found = servedChain();
      if (found != chainId) {
        throw new ChainFailure.WrongChain(uri, chainId, found);
      }
      checked = true;
    }
    return node;
  }

  /** The id of the chain it serves, whichever was expected. */
  long servedChain() throws IOException {
    return Answers.of(node.ethChainId()).getChainId().longValueExact();
  }

  void doubt() {
    checked = false;
  }

  /** No node can fill the memory with its answer. */
  private static Response bounded(Interceptor.Chain call) throws IOException {
    Response response = call.proceed(call.request());
    ResponseBody body = response.body();
    if (body == null) {
      return response;
    }
    Source source =
        new ForwardingSource(body.source()) {
          private long left = MOST_BYTES;

          @Override
          public long read(Buffer sink, long count) throws IOException {
            long read = super.read(sink, count);
            left -= Math.max(0, read);
            if (left < 0) {
              throw new IOException("an answer of more than " + MOST_BYTES + " bytes");
            }
            return read;
          }
        };
    return response
        .newBuilder()
        .body(ResponseBody.create(Okio.buffer(source), body.contentType(), body.contentLength()))
        .build();
  }

  @Override
  public void close() {
    node.shutdown();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
