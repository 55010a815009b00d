package io.shardex.settlement;

import java.io.IOException;
import java.util.Locale;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;

/** Sends a request and turns the node's error, if it answers with one, into a typed failure. */
final class Answers {
  /** The code of a failed execution in an answer of Ethereum's JSON-RPC. */
  private static final int EXECUTION_FAILED = 3;

  private Answers() {}

  static <R extends Response<?>> R of(Request<?, R> request) throws IOException {
    R response = request.send();
    if (response.hasError()) {
      throw failure(request.getMethod(), response.getError());
    }
    return response;
  }

  private static ChainFailure failure(String what, Response.Error error) {
    String message = String.valueOf(error.getMessage());
    boolean reverted =
        error.getCode() == EXECUTION_FAILED || message.toLowerCase(Locale.ROOT).contains("revert");
    return reverted
        ? new ChainFailure.Reverted(what, ContractErrors.reason(error.getData(), message))
        : new ChainFailure.NodeRefused(what, message + " (" + error.getCode() + ")");
  }
}
