package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.http.HttpService;

/** What only a development chain (Anvil) can do. */
public final class DevChain {
  /** Anvil's and Hardhat's id; no public chain has it. */
  public static final long ID = 31_337;

  /** One whole coin: a thousand times what a mint takes. */
  private static final BigInteger GAS_MONEY = BigInteger.TEN.pow(18);

  private static final long PATIENCE_MILLIS = 30_000;
  private static final long POLL_MILLIS = 100;

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

  /** Whether the node knows a development chain's methods. */
  public boolean answers() {
    try {
      return call("anvil_nodeInfo") != null;
    } catch (ChainFailure.NodeRefused e) {
      return false;
    }
  }

  /**
   * Makes new tokens of a development token in its minter's name, whose key the node does not ask
   * for.
   *
   * @return the transaction's hash, once a block holds it
   */
  public String mint(Address token, Address to, Amount amount) {
    String what = "mint of " + amount + " for " + to;
    Address minter = minter(token);
    if (gasMoney(minter).compareTo(GAS_MONEY) < 0) {
      setGasMoney(minter, GAS_MONEY);
    }
    var unused = call("anvil_impersonateAccount", minter.toString());
    String hash =
        String.valueOf(
            call(
                "eth_sendTransaction",
                Map.of(
                    "from", minter.toString(),
                    "to", token.toString(),
                    "data", Token.mintCall(token, to, amount).data())));
    for (long waited = 0; waited < PATIENCE_MILLIS; waited += POLL_MILLIS) {
      if (call("eth_getTransactionReceipt", hash) instanceof Map<?, ?> receipt) {
        if (!"0x1".equals(receipt.get("status"))) {
          throw new ChainFailure.Reverted(what, "the token's minter may not mint");
        }
        return hash;
      }
      ChainClient.pause(what, POLL_MILLIS);
    }
    throw new ChainFailure.Stuck(what, hash, PATIENCE_MILLIS / 1_000);
  }

  private BigInteger gasMoney(Address account) {
    String hex = String.valueOf(call("eth_getBalance", account.toString(), "latest"));
    return new BigInteger(hex.substring(2), 16);
  }

  private Address minter(Address token) {
    String owner =
        String.valueOf(
            call(
                "eth_call",
                Map.of(
                    "to", token.toString(),
                    "data", Wrappers.token(token).owner().encodeFunctionCall()),
                "latest"));
    if (!owner.matches("0x[0-9a-f]{64}")) {
      throw new ChainFailure.BadAnswer("token " + token + " names no minter: " + owner);
    }
    return Address.parse(owner.substring(owner.length() - 2 * Address.BYTES));
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
