package io.shardex.settlement;

import io.shardex.market.Address;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.http.HttpService;

/** What only a development chain (Anvil) can do. */
public final class DevChain {
  private final URI endpoint;
  private final HttpService service;

  public DevChain(URI endpoint) {
    this.endpoint = endpoint;
    this.service = new HttpService(endpoint.toString());
  }

  /**
   * Sets the gas money of an account.
   *
   * @throws ChainFailure.NodeRefused on any other chain
   */
  public void setGasMoney(Address account, BigInteger wei) {
    var unused = call("anvil_setBalance", account.toString(), "0x" + wei.toString(16));
  }

  /** The answer to a call of the node's own methods. */
  @Nullable Object call(String method, Object... parameters) {
    try {
      return Answers.of(new Request<>(method, List.of(parameters), service, AnyResponse.class))
          .getResult();
    } catch (IOException e) {
      throw new ChainFailure.Unavailable(method, List.of(endpoint), e);
    }
  }

  /** An answer of any shape. */
  public static final class AnyResponse extends Response<Object> {}
}
